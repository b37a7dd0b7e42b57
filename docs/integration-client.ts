// What a BackOffice front end does with the integration, typed by the contract: `scripts/prove-typescript` generates
// ./contract from openapi.yaml and compiles this file. Copy it, and take away what you do not need.
import createClient from "openapi-fetch";

import type { components, paths } from "./contract.ts";

type Schemas = components["schemas"];
export type FaultOut = Schemas["FaultOut"];
export type Fault = FaultOut["fault"];
export type Remediation = Schemas["RemediationOut"]["remediation"];
export type Problem = Schemas["ProblemDocument"];

/** A refusal; `problem.code` is for programs, `problem.title` and `problem.detail` are for people. */
export class RefusedError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.title);
  }
}

/** Make a client of the service; the token is asked for at every call, so that it may be renewed. */
export function integrationClient(baseUrl: string, token: () => Promise<string>, language: "sv" | "en" = "sv") {
  const client = createClient<paths>({ baseUrl });
  client.use({
    async onRequest({ request }) {
      request.headers.set("Authorization", `Bearer ${await token()}`);
      request.headers.set("Accept-Language", language);
      return request;
    },
  });
  return client;
}

export type Client = ReturnType<typeof integrationClient>;

function told<T>(answer: { data?: T; error?: Problem }): T {
  if (answer.error !== undefined) throw new RefusedError(answer.error);
  if (answer.data === undefined) throw new Error("The answer holds nothing.");
  return answer.data;
}

const at = (company_id: string) => ({ params: { path: { company_id } } });

/** The first screen: how far the setup has come, what is unbooked, and the banner. */
export async function firstScreen(client: Client, companyId: string): Promise<Schemas["IntegrationOut"]> {
  return told(await client.GET("/v1/companies/{company_id}/integration", at(companyId)));
}

/** Begin the consent; send the browser to the address returned. */
export async function activate(client: Client, companyId: string, returnUrl: string): Promise<string> {
  const body = { purpose: "bookkeeping" as const, return_url: returnUrl };
  const begun = told(
    await client.POST("/v1/companies/{company_id}/integration/activate", { ...at(companyId), body }),
  );
  return begun.authorization_url;
}

/** Choose accounts, unless somebody else has chosen since the choices were read. */
export async function chooseAccounts(
  client: Client,
  companyId: string,
  mappings: Schemas["MappingIn"][],
  etag: string,
): Promise<Schemas["MappingsOut"] | "changed_meanwhile"> {
  const params = { path: { company_id: companyId }, header: { "If-Match": etag } };
  const answer = await client.PUT("/v1/companies/{company_id}/mappings", { params, body: { mappings } });
  return answer.error?.code === "changed_meanwhile" ? "changed_meanwhile" : told(answer);
}

/** Export now what is in no voucher; the key makes a second click the same click. */
export async function exportNow(client: Client, companyId: string, key: string): Promise<Schemas["AskedOut"]> {
  const params = { path: { company_id: companyId }, header: { "Idempotency-Key": key } };
  return told(await client.POST("/v1/companies/{company_id}/exports", { params, body: {} }));
}

/** Every voucher of an export, page after page. */
export async function* vouchersOf(
  client: Client,
  companyId: string,
  exportId: string,
): AsyncGenerator<Schemas["VoucherOut"]> {
  let cursor: string | null = null;
  do {
    const query: { export_id: string; cursor?: string } = { export_id: exportId, ...(cursor && { cursor }) };
    const params = { path: { company_id: companyId }, query };
    const page: Schemas["VouchersOut"] = told(
      await client.GET("/v1/companies/{company_id}/vouchers", { params }),
    );
    yield* page.vouchers;
    cursor = page.next_cursor;
  } while (cursor !== null);
}

/** What waits and why. `title`, `message` and `label` are texts to show as they are. */
export async function whatWaits(client: Client, companyId: string): Promise<FaultOut[]> {
  return told(await client.GET("/v1/companies/{company_id}/faults", at(companyId))).faults;
}

const kronor = (ore: number): string => `${(ore / 100).toFixed(2)} kr`;

/** The facts of a fault in a line, for a list; a fault that is new in the contract does not compile. */
export function factsOf(fault: Fault): string {
  switch (fault.code) {
    case "account_unmapped":
      return fault.facts.items.map((one) => `${one.name || one.key}: ${kronor(one.amount_ore ?? 0)}`).join(", ");
    case "account_missing":
    case "account_inactive":
      return fault.facts.accounts.map((one) => String(one.number)).join(", ");
    case "authorization_expired":
      return fault.facts.began_at;
    case "license_missing":
      return `${fault.facts.lacking} ${fault.facts.scope}`;
    case "wrong_company":
      return `${fault.facts.found.name}, not ${fault.facts.expected.name}`;
    case "cost_center_missing":
    case "cost_center_inactive":
    case "cost_center_required":
    case "cost_center_not_allowed":
      return `${fault.facts.name} ${fault.facts.code} ${fault.facts.account ?? ""}`;
    case "voucher_series_not_manual":
    case "voucher_series_missing":
      return `${fault.facts.series} ${fault.facts.financial_year?.label ?? ""}`;
    case "financial_year_missing":
      return String(fault.facts.year ?? fault.facts.transaction_date);
    case "period_locked":
      return fault.facts.locked_until ?? "";
    case "day_incomplete":
      return fault.facts.differences.map((one) => `${one.name}: ${kronor(one.till_ore - one.ledger_ore)}`).join(", ");
    case "day_overdue":
      return `${fault.facts.till_register.name} ${fault.facts.business_date}`;
    case "z_number_gap":
      return `${fault.facts.till_register.name} ${fault.facts.missing_z_numbers.join(", ")}`;
    case "transaction_unbalanced":
      return `${fault.facts.transaction_id}: ${kronor(fault.facts.paid_ore - fault.facts.sold_ore)}`;
    case "delivery_unreadable":
      return fault.facts.problem;
    case "delivery_conflicting":
      return fault.facts.transaction_ids.join(", ");
    case "fortnox_unavailable":
    case "rate_limited":
      return fault.facts.next_try_at ?? "";
    case "answer_in_doubt":
      return fault.facts.settled_by_at;
    case "decision_needed":
      return fault.facts.candidates.map(booked).join(", ");
    case "voucher_changed":
    case "voucher_deleted":
    case "voucher_foreign":
      return booked(fault.facts.voucher);
    case "voucher_duplicate":
      return [fault.facts.voucher, ...fault.facts.copies].map(booked).join(", ");
    case "rejected_by_fortnox":
      return `${fault.facts.fortnox_code ?? ""} ${fault.facts.text}`;
    case "internal_error":
      return fault.facts.voucher_id;
    default:
      return unknown(fault);
  }
}

/** Where the button of a remediation leads, or null where it needs none. */
export function linkOf(remediation: Remediation): string | null {
  switch (remediation.action) {
    case "open_settings":
      return `/integration/settings/${remediation.step}`;
    case "create_account":
      return `/integration/accounts/new?numbers=${remediation.numbers.join()}`;
    case "show_inactive_accounts":
      return `/integration/accounts?numbers=${remediation.numbers.join()}`;
    case "open_fortnox":
      return remediation.url;
    case "reauthorize":
      return "/integration/authorize";
    case "open_cost_centers":
      return `/integration/cost-centers/${remediation.code}`;
    case "resend_till_data":
      return `/till/resend?session=${remediation.session_id}`;
    case "export_anyway":
      return `/integration/sessions/${remediation.session_id}/sign`;
    case "decide":
      return `/integration/vouchers/${remediation.voucher_id}/decision`;
    case "accept":
      return "/integration/faults/accept";
    case "reverse":
      return `/integration/vouchers?booked=${remediation.vouchers.map(booked).join()}`;
    case "book_again":
      return "/integration/faults/book-again";
    case "contact_support":
      return `/support?reference=${remediation.reference}`;
    case "wait":
    case "retry":
      return null;
    default:
      return unknown(remediation);
  }
}

function booked(one: Schemas["BookedAs"]): string {
  return `${one.series} ${one.number} (${one.financial_year.label})`;
}

/** Never reached while every code is answered above: the compiler says so. */
function unknown(one: never): string {
  return JSON.stringify(one);
}
