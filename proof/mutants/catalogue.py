"""Every safeguard that can be taken out of the code in a line or two, and who notices.

The changes are of the kind a hurried reviewer would let pass: each leaves code that runs, and books most days
rightly. The tests named are the quickest of each kind; others may notice as well.
"""

from __future__ import annotations

from proof.mutants.mutant import Change, Mutant

_EXPORT = "src/fortnox_sync/export"
_FORTNOX = "src/fortnox_sync/fortnox"
_INTAKE = "src/fortnox_sync/intake"
_RUNTIME = "src/fortnox_sync/runtime"
_CONNECTION = "src/fortnox_sync/connection"
_SERVER = "src/fortnox_sync/web/server.py"
_FIRST_TABLES = "migrations/versions/0001_the_whole_walk.py"

_KILLED = "tests/journeys/test_killed.py"
_LOST = "tests/journeys/test_lost_answers.py"
_FOUND = f"{_LOST}::test_a_voucher_whose_answer_was_lost_is_found_at_the_first_look"
_NEVER = "tests/journeys/test_never_booked.py"
_SAYS_WAIT = "tests/journeys/test_fortnox_says_wait.py"
_RESTORED = "tests/journeys/test_restored.py"
_EVERY = "tests/journeys/test_every_fault.py"
_LATE = f"{_RESTORED}::test_what_arrives_late_from_before_is_found_before_anything_is_sent"
_BREAKERS = "tests/journeys/test_breakers.py"
_DOOR = "tests/journeys/test_the_tills_door.py"
_DOORSTEP = "tests/web/test_doorstep.py"
_CROWD = "tests/network/test_crowded_door.py"
_KEYS = "tests/connection/test_lost_keys.py"
_STARTS = "tests/journeys/test_nothing_starts.py"
_SIGNATURE = "tests/intake/test_signature.py"
_SWEEP = "tests/export/test_sweep.py"
_CLIENT = "tests/fortnox/test_client.py"
_PAYLOAD = "tests/export/test_payload.py"
_ATTEMPTS = "tests/export/test_attempts.py"
_TORN = "tests/network/test_torn_wire.py"
_STORED = "tests/network/test_tills_wire.py::test_a_delivery_on_a_torn_wire_is_stored_once"
_SAME_TABLES = "tests/contract/test_migrations.py::test_every_constraint_is_the_one_in_the_models"

# The long form runs these on every mutant too: whatever till, people and Fortnox do, on both databases.
HISTORIES = ("tests/journeys/test_any_history.py",)

MUTANTS = (
    # Limits of time: their tests wait in vain, so they come first and let the others run beside them.
    Mutant(
        "slow_bodies",
        "whoever sends a byte now and then may hold the door",
        (
            Change(
                "src/fortnox_sync/web/limits.py",
                "async with asyncio.timeout_at(until):",
                "async with asyncio.timeout_at(until + 60):",
            ),
        ),
        (
            f"{_DOORSTEP}::test_a_body_that_trickles_in_is_answered_with_408_and_let_go",
            f"{_DOOR}::test_a_close_that_trickles_in_books_nothing_before_it_comes_whole[sqlite]",
        ),
    ),
    Mutant(
        "no_deadline",
        "an answer that trickles in is waited for a minute longer",
        (
            Change(
                f"{_FORTNOX}/exchange.py",
                "async with asyncio.timeout(seconds):",
                "async with asyncio.timeout(60 + seconds):",
            ),
        ),
        (
            "tests/fortnox/test_transports.py::test_an_answer_that_trickles_in_ends_at_the_deadline",
            f"{_LOST}::test_an_answer_that_trickles_is_given_up_at_the_deadline[sqlite]",
        ),
    ),
    Mutant(
        "slow_heads",
        "whoever never finishes a head may stand at the door",
        (
            Change(
                _SERVER,
                "self._waiting = self.loop.call_later(HEAD_WITHIN_S, self._head_is_late)",
                "self._waiting = self.loop.call_later(60 + HEAD_WITHIN_S, self._head_is_late)",
            ),
        ),
        (
            f"{_DOORSTEP}::test_a_second_head_on_the_same_connection_is_not_waited_for_either",
            f"{_CROWD}::test_a_crowd_that_finishes_no_head_keeps_the_till_out_for_a_moment_only[sqlite]",
        ),
    ),
    Mutant(
        "unread_answers",
        "answers that nobody reads are kept",
        (
            Change(
                _SERVER,
                "self.loop.call_later(READ_WITHIN_S, self.transport.abort)\n\n    def resume_writing",
                "self.loop.call_later(60, self.transport.abort)\n\n    def resume_writing",
            ),
        ),
        (
            f"{_DOORSTEP}::test_whoever_reads_no_answer_is_let_go_of[30]",
            f"{_CROWD}::test_whoever_reads_no_answer_is_let_go_of_and_the_day_beside_it_is_booked[sqlite]",
        ),
    ),
    # What is known of a try nobody answered for.
    Mutant(
        "no_lookup",
        "a try without an answer counts as refused, and is sent again without a look",
        (
            Change(
                f"{_EXPORT}/verdict.py",
                "return Verdict(AttemptOutcome.IN_DOUBT, State.IN_DOUBT, now + FIRST_LOOK)",
                "return Verdict(AttemptOutcome.REFUSED, State.READY, now + FIRST_LOOK)",
            ),
        ),
        (
            "tests/export/test_verdict.py::test_each_kind_says_what_became_of_the_try_and_the_voucher",
            f"{_FOUND}[sqlite-lose_answer_after_booking-reset]",
        ),
        in_model="RESEND_LOST",
    ),
    Mutant(
        "no_fence",
        "absence is believed while the token of the try lives",
        (
            Change(
                f"{_EXPORT}/resolve.py",
                "elif live is not None and _is_past_fence(desk, live):",
                "elif live is not None:",
            ),
        ),
        (
            "tests/export/test_resolve.py::test_nothing_is_believed_absent_while_its_token_lives[sqlite]",
            f"{_LOST}::test_a_voucher_executed_late_is_waited_for_and_booked_once[sqlite-840]",
        ),
        in_model="NO_FENCE",
    ),
    Mutant(
        "no_settle",
        "absence is believed as soon as the token has expired: settle 0",
        (
            Change(
                f"{_EXPORT}/resolve.py",
                "theirs > live.token_expires_at + desk.patience.settle",
                "theirs > live.token_expires_at",
            ),
        ),
        (
            "tests/export/test_resolve.py::test_a_dead_token_is_not_enough_before_all_has_settled",
            f"{_NEVER}::test_looks_before_everything_has_settled_prove_nothing[sqlite]",
        ),
        in_model="NO_SETTLE",
    ),
    Mutant(
        "no_second_look",
        "absence is believed after one look behind the fence",
        (
            Change(
                f"{_EXPORT}/resolve.py",
                "if live.unseen_at is None or now - live.unseen_at < desk.patience.again:",
                "if live.unseen_at is not None and now - live.unseen_at < desk.patience.again:",
            ),
        ),
        (
            "tests/export/test_resolve.py::test_nothing_is_believed_absent_at_one_look[sqlite]",
            f"{_NEVER}::test_one_look_behind_the_fence_is_not_enough[sqlite]",
        ),
        in_model="NO_SECOND_LOOK",
    ),
    Mutant(
        "no_watermark",
        "only the list is searched, not each number since the watermark",
        (
            Change(
                f"{_EXPORT}/resolve.py",
                "since = [n for n in range(place.watermark + 1, last + 1) if n not in known][:_MOST_NUMBERS]",
                "since: list[int] = []",
            ),
        ),
        (
            "tests/export/test_resolve.py::test_a_voucher_moved_to_another_date_is_found_by_its_number[sqlite]",
            f"{_NEVER}::test_a_person_who_rewords_a_voucher_in_doubt_does_not_hide_it[sqlite]",
        ),
        in_model="NO_WATERMARK",
    ),
    Mutant(
        "no_strangers",
        "unknown vouchers since the watermark stop nothing",
        (
            Change(
                f"{_EXPORT}/resolve.py",
                'return "unknown_voucher" if seen.strangers else None',
                "return None",
            ),
        ),
        (
            "tests/export/test_resolve.py::test_what_forbids_to_send_a_second_time",
            f"{_NEVER}::test_a_foreign_voucher_in_the_same_numbers_needs_a_person[sqlite]",
        ),
        in_model="NO_STRANGERS",
    ),
    Mutant(
        "no_limit",
        "absent twice is sent a third time without a person",
        (
            Change(
                f"{_EXPORT}/resolve.py",
                "if voucher.absences > 0:",
                "if voucher.absences > 1:",
            ),
        ),
        (
            "tests/export/test_resolve.py::test_what_forbids_to_send_a_second_time",
            f"{_NEVER}::test_a_voucher_in_doubt_twice_waits_for_a_person_and_is_never_sent_a_third_time[sqlite]",
        ),
        in_model="NO_LIMIT",
    ),
    Mutant(
        "marker_ignored",
        "the next number is taken for ours, whatever it carries",
        (
            Change(
                f"{_EXPORT}/resolve.py",
                "if carries(booked, voucher.payload.marker):",
                "if booked is not None:",
            ),
        ),
        (
            "tests/export/test_resolve.py::test_a_strangers_voucher_is_not_taken_for_ours[sqlite]",
            f"{_NEVER}::test_a_foreign_voucher_in_the_same_numbers_needs_a_person[sqlite]",
        ),
        in_model="NO_MARKER",
    ),
    Mutant(
        "marker_missing",
        "vouchers carry no marker",
        (
            Change(
                f"{_EXPORT}/payload.py",
                '_cleaned(row, marker if position == 0 else "")',
                '_cleaned(row, "" if position == 0 else "")',
            ),
            Change(
                f"{_EXPORT}/payload.py",
                "description = _marked(title, marker, DESCRIPTION_LIMIT)",
                'description = _marked(title, "", DESCRIPTION_LIMIT)',
            ),
            Change(
                f"{_EXPORT}/payload.py",
                'comments = f"{marker} {digest[:_SHORT_HASH]}"',
                "comments = digest[:_SHORT_HASH]",
            ),
        ),
        (
            f"{_PAYLOAD}::test_the_marker_stands_at_the_end_of_the_text_first_in_the_comment_and_on_the_first_row",
            f"{_FOUND}[sqlite-lose_answer_after_booking-reset]",
        ),
    ),
    Mutant(
        "doubt_left_out",
        "nobody doubts what a dead worker left sending",
        (
            Change(
                f"{_EXPORT}/turn.py",
                "        await doubt_unfinished(desk)\n",
                "",
            ),
        ),
        (
            "tests/export/test_turn.py::test_a_mistake_after_the_answer_is_looked_up_and_not_sent_again[sqlite]",
            f"{_KILLED}::test_killed_after_the_answer_it_is_found_at_the_first_look[sqlite]",
        ),
        in_model="NO_TAKEOVER",
    ),
    # What is on disk before and after Fortnox is asked.
    Mutant(
        "intent_after",
        "the intent is committed after the request instead of before",
        (
            Change(
                f"{_EXPORT}/push.py",
                "    attempt_id, standing = await _intend(desk, voucher, place)\n"
                "    try:\n"
                "        answer = await desk.books.client.create_voucher(\n"
                "            voucher.payload.draft, place.financial_year, may_leave=is_fresh\n"
                "        )\n"
                "    except FortnoxError as error:\n",
                "    try:\n"
                "        answer = await desk.books.client.create_voucher(\n"
                "            voucher.payload.draft, place.financial_year, may_leave=is_fresh\n"
                "        )\n"
                "        attempt_id, standing = await _intend(desk, voucher, place)\n"
                "    except FortnoxError as error:\n"
                "        attempt_id, standing = await _intend(desk, voucher, place)\n",
            ),
        ),
        (
            "tests/export/test_push.py::test_the_intent_is_committed_before_the_post_arrives[sqlite]",
            f"{_KILLED}::test_killed_after_the_answer_it_is_found_at_the_first_look[sqlite]",
        ),
        in_model="NO_INTENT",
    ),
    Mutant(
        "no_epoch",
        "a worker writes though its lease is lost",
        (
            Change(
                f"{_CONNECTION}/lane.py",
                "if (await connection.execute(query)).scalar_one() != lease.epoch:",
                "if (await connection.execute(query)).scalar_one() < lease.epoch:",
            ),
        ),
        (
            f"{_SWEEP}::test_whoever_lost_the_lane_holds_renews_and_releases_nothing[sqlite]",
            f"{_KILLED}::test_a_worker_that_slept_through_its_lease_writes_no_state[sqlite]",
        ),
        in_model="NO_EPOCH",
    ),
    Mutant(
        "no_lease_end",
        "a lease never ends",
        (
            Change(
                f"{_CONNECTION}/lane.py",
                "return sa.or_(lane.c.lease_until.is_(None), lane.c.lease_until < now)",
                "return lane.c.lease_until.is_(None)",
            ),
        ),
        (
            f"{_SWEEP}::test_a_lane_with_a_living_lease_is_left_alone_and_a_dead_one_taken_over[sqlite]",
            f"{_KILLED}::test_killed_after_the_answer_it_is_found_at_the_first_look[sqlite]",
        ),
        in_model="NO_LEASE_END",
    ),
    Mutant(
        "no_freeze",
        "settings change a voucher that is being sent or looked for",
        (
            Change(
                f"{_EXPORT}/state.py",
                "UNSENT = (State.HELD, State.READY)",
                "UNSENT = (State.HELD, State.READY, State.SENDING, State.IN_DOUBT)",
            ),
        ),
        (
            "tests/export/test_state.py::test_only_what_no_try_can_be_alive_of_may_change",
            f"{_LOST}::test_an_account_chosen_meanwhile_leaves_what_is_in_doubt_as_it_was_sent[sqlite]",
        ),
        in_model="NO_FREEZE",
    ),
    Mutant(
        "copies_ignored",
        "a number that jumped is not looked into: no copy is searched for",
        (
            Change(
                f"{_EXPORT}/verify.py",
                "copies = await _copies(desk, voucher, booking)",
                "copies: tuple[BookedVoucher, ...] = ()",
            ),
        ),
        (
            "tests/export/test_verify.py::test_a_copy_above_the_watermark_is_told[sqlite]",
            f"{_LOST}::test_a_post_executed_twice_is_booked_and_the_copy_is_told[sqlite-first]",
        ),
        in_model="NO_READ_BACK",
    ),
    # What stops before anything is sent.
    Mutant(
        "no_freshness",
        "an intent may leave however long its worker slept on it",
        (Change(f"{_EXPORT}/push.py", "LATEST = timedelta(seconds=20)", "LATEST = timedelta(days=20)"),),
        (
            "tests/export/test_push.py::test_an_intent_may_leave_for_twenty_seconds[sqlite-20-False]",
            f"{_KILLED}::test_a_worker_that_slept_after_its_intent_sends_nothing[sqlite]",
        ),
    ),
    Mutant(
        "no_recall",
        "markers nobody here gave stop nothing: a restored database sends again",
        (
            Change(
                f"{_EXPORT}/recall.py",
                "    return not strangers or await _is_settled(",
                "    return True or await _is_settled(",
            ),
        ),
        (
            "tests/export/test_recall.py::test_a_stranger_behind_many_numbers_is_found[sqlite]",
            f"{_RESTORED}::test_another_installation_is_told_and_nothing_is_sent_past_it[sqlite]",
        ),
    ),
    Mutant(
        "no_identity",
        "a database that was exchanged is taken for the one that was there",
        (
            Change(
                f"{_RUNTIME}/identity.py",
                "return any(noted[part] != self.now[part] for",
                "return any(noted[part] == {} for",
            ),
        ),
        (
            "tests/runtime/test_identity.py::test_a_copy_of_a_sqlite_database_is_another",
            f"{_LATE}[sqlite-False]",
        ),
    ),
    Mutant(
        "no_memory",
        "a lane whose epoch fell is trusted as before",
        (Change(f"{_EXPORT}/memory.py", "if lease.before >= last:", "if lease.before >= 0:"),),
        (
            "tests/export/test_memory.py::test_a_lane_whose_epoch_fell_is_suspect_and_so_are_all[sqlite]",
            f"{_LATE}[sqlite-True]",
        ),
    ),
    Mutant(
        "any_clock",
        "it is sent though the clocks are an hour apart",
        (
            Change(
                f"{_EXPORT}/clocks.py", "MOST_APART = timedelta(minutes=5)", "MOST_APART = timedelta(days=5)"
            ),
        ),
        (
            "tests/export/test_clocks.py::test_clocks_agree_up_to_five_minutes_either_way[301-False]",
            f"{_BREAKERS}::test_nothing_is_sent_while_the_clocks_are_far_apart[sqlite-600]",
        ),
    ),
    Mutant(
        "no_breaker",
        "answers missing in many lanes stop nothing",
        (Change(f"{_EXPORT}/breaker.py", "MOST_LANES = 5", "MOST_LANES = 500"),),
        (
            "tests/export/test_breaker.py::test_it_ends_when_the_fifth_of_its_lanes_is_long_ago",
            f"{_BREAKERS}::test_five_lanes_without_answers_stop_all_sending_for_a_while[sqlite]",
        ),
    ),
    Mutant(
        "typed_days_ignored",
        "a day that somebody typed by hand is sent as well",
        (
            Change(
                f"{_EXPORT}/beforehand.py",
                "    await _ask(desk, voucher, by_hand)\n    return True\n",
                "    return False\n",
            ),
        ),
        (
            "tests/export/test_beforehand.py::test_what_a_person_typed_is_not_taken_for_ours[sqlite]",
            "tests/journeys/test_typed_by_hand.py::test_dismissed_it_is_never_sent[sqlite]",
        ),
    ),
    Mutant(
        "holes_untold",
        "numbers that stand for nothing are told to nobody",
        (
            Change(
                f"{_EXPORT}/holes.py",
                "if not missing or await was_accepted(",
                "if missing or await was_accepted(",
            ),
        ),
        (
            "tests/export/test_holes.py::test_what_was_accepted_is_not_told_again[sqlite]",
            f"{_EVERY}::test_it_comes_about_is_told_and_heals[sqlite-voucher_numbers_missing]",
        ),
    ),
    # How Fortnox is asked.
    Mutant(
        "resend_on_401",
        "a refused token is renewed, and the request sent again by the client",
        (
            Change(
                f"{_FORTNOX}/client.py",
                "        answer = await self._exchange(self._http.writes, call, request, may_leave)\n",
                "        try:\n"
                "            answer = await self._exchange(self._http.writes, call, request, may_leave)\n"
                "        except Unauthorised:\n"
                '            if renew := getattr(self, "renew", None):\n'
                '                request.headers["Authorization"] = f"Bearer {(await renew()).value}"\n'
                "            answer = await self._exchange(self._http.writes, call, request, may_leave)\n",
            ),
            Change(
                f"{_FORTNOX}/client.py",
                "import NotFound, NotSent, Throttled, Unanswered\n",
                "import NotFound, NotSent, Throttled, Unanswered, Unauthorised\n",
            ),
            Change(
                f"{_CONNECTION}/link.py",
                "        return Books(self.client(company_id, token, interactive=interactive), token)\n",
                "        client = self.client(company_id, token, interactive=interactive)\n"
                "        client.renew = lambda: self.tokens.valid(company_id, other_than=token.token_id)\n"
                "        return Books(client, token)\n",
            ),
        ),
        (
            f"{_CLIENT}::test_a_dead_token_is_not_renewed_behind_a_write",
            f"{_SAYS_WAIT}::test_a_refused_token_is_replaced_once_and_the_voucher_sent_by_a_new_try[sqlite]",
        ),
        in_model="RESEND_ON_401",
    ),
    Mutant(
        "retry_protocol_error",
        "a connection that broke off is tried again at once: RemoteProtocolError",
        (
            Change(
                f"{_FORTNOX}/exchange.py",
                "    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as fault:\n",
                "    except httpx.RemoteProtocolError:\n"
                "        return await http.send(request, auth=None, follow_redirects=False)\n"
                "    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as fault:\n",
            ),
        ),
        (
            f"{_CLIENT}::test_a_write_is_sent_once_whatever_fails[create_voucher-half an answer]",
            f"{_FOUND}[sqlite-lose_answer_after_booking-close]",
        ),
    ),
    Mutant(
        "library_retry",
        "the library that repeats reads repeats the POST as well",
        (
            Change(
                f"{_FORTNOX}/client.py",
                "answer = await self._exchange(self._http.writes, call, request, may_leave)",
                "answer = await _persistently(self._exchange, self._http.writes, call, request, may_leave)",
            ),
        ),
        (
            f"{_CLIENT}::test_a_write_is_sent_once_whatever_fails[create_voucher-read timeout]",
            f"{_FOUND}[sqlite-fail_after_booking-502-html]",
        ),
    ),
    Mutant(
        "httpx_retry",
        "httpx connects a second time by itself",
        (
            Change(
                f"{_FORTNOX}/transports.py",
                "        transport=transport,\n",
                "        transport=transport\n"
                "        or httpx.AsyncHTTPTransport(\n"
                "            retries=1,\n"
                "            trust_env=False,\n"
                "            limits=httpx.Limits(\n"
                "                max_connections=_MOST_CONNECTIONS, max_keepalive_connections=keep_alive\n"
                "            ),\n"
                "        ),\n",
            ),
        ),
        (
            "tests/fortnox/test_transports.py::test_a_closed_door_is_knocked_at_once",
            f"{_TORN}::test_whoever_is_not_let_in_knocks_once[sqlite]",
        ),
    ),
    Mutant(
        "keep_alive",
        "the POST may go out on a connection that was used before",
        (
            Change(
                f"{_FORTNOX}/client.py",
                '        request.headers["Connection"] = "close"\n',
                "",
            ),
            Change(
                f"{_FORTNOX}/transports.py",
                "writes=_http_client(transport, writes, keep_alive=0),",
                "writes=_http_client(transport, writes, keep_alive=_MOST_CONNECTIONS),",
            ),
        ),
        (
            "tests/fortnox/test_transports.py::test_each_write_goes_out_on_a_connection_of_its_own",
            f"{_TORN}::test_each_post_comes_on_a_connection_of_its_own[sqlite]",
        ),
    ),
    Mutant(
        "lost_is_not_sent",
        "an answer that broke off is taken for a request that never left",
        (
            Change(
                f"{_FORTNOX}/exchange.py",
                "except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as fault:",
                "except (httpx.NetworkError, httpx.ConnectTimeout, httpx.PoolTimeout) as fault:",
            ),
        ),
        (
            f"{_CLIENT}::test_a_write_is_sent_once_whatever_fails[create_voucher-read]",
            f"{_TORN}::test_a_day_on_a_torn_wire_is_booked_once[sqlite-reset after the whole request]",
        ),
    ),
    # What the databases and numbers promise.
    Mutant(
        "deferred_begin",
        "SQLite begins to write only at the first write: a deferred BEGIN",
        (
            Change(
                f"{_RUNTIME}/sqlite.py",
                'connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")',
                'connection.exec_driver_sql("BEGIN" if writes else "BEGIN")',
            ),
        ),
        (
            "tests/runtime/test_database.py::test_sqlite_begins_to_write_at_once",
            "tests/journeys/test_two_processes.py::test_two_processes_at_once_book_each_day_once[sqlite]",
        ),
    ),
    Mutant(
        "two_claims",
        "no constraint keeps a sale out of a second voucher",
        (
            Change(
                _FIRST_TABLES,
                '        ["company_id", "transaction_id"],\n        unique=True,\n',
                '        ["company_id", "transaction_id"],\n        unique=False,\n',
            ),
        ),
        (
            "tests/export/test_plan.py::test_a_sale_can_be_in_one_live_voucher_only[sqlite]",
            _SAME_TABLES,
        ),
    ),
    Mutant(
        "two_tries",
        "no constraint against a second live try",
        (
            Change(
                _FIRST_TABLES,
                '        "attempt",\n        ["voucher_id"],\n        unique=True,\n',
                '        "attempt",\n        ["voucher_id"],\n        unique=False,\n',
            ),
        ),
        (
            f"{_ATTEMPTS}::test_a_second_live_try_of_a_voucher_can_not_be_written[sqlite]",
            _SAME_TABLES,
        ),
        in_model="NO_UNIQUE",
    ),
    Mutant(
        "two_bookings",
        "no constraint against two vouchers under one number",
        (
            Change(
                "migrations/versions/0005_bookings_that_are_gone.py",
                "        _PLACE,\n        unique=True,\n",
                "        _PLACE,\n        unique=False,\n",
            ),
        ),
        (
            f"{_ATTEMPTS}::test_a_fortnox_number_books_one_voucher_and_a_voucher_has_one_number[sqlite]",
            _SAME_TABLES,
        ),
    ),
    Mutant(
        "float_money",
        "money is a float for a moment on its way to Fortnox",
        (
            Change(
                f"{_FORTNOX}/wire.py",
                "return Decimal(operator.index(ore)).scaleb(-2)",
                "return Decimal(int(operator.index(ore) / 100 * 100)).scaleb(-2)",
            ),
        ),
        (
            "tests/fortnox/test_wire.py::test_an_amount_arrives_to_the_ore",
            "tests/journeys/test_to_the_ore.py::test_prices_that_no_float_holds_are_booked_to_the_ore[sqlite]",
        ),
    ),
    # The keys.
    Mutant(
        "any_key",
        "a process starts with a key that opens nothing",
        (
            Change(
                "src/fortnox_sync/cli.py",
                "for key_id, companies in lost.items():",
                "for key_id, companies in ():",
            ),
        ),
        (
            f"{_KEYS}::test_row_52_nothing_starts_with_a_key_that_is_another_or_missing",
            f"{_STARTS}::test_no_process_starts_with_a_key_that_is_another_and_nothing_is_lost[sqlite-rotate-keys]",
        ),
    ),
    Mutant(
        "altered_token",
        "a token that was altered stops whoever asks for it",
        (
            Change(
                f"{_CONNECTION}/grants.py",
                "key_id=key_id_of(sealed))\n            return None",
                "key_id=key_id_of(sealed))\n            raise",
            ),
        ),
        (
            "tests/connection/test_secrecy.py::test_sealed_tokens_swapped_between_companies_are_noticed[sqlite]",
            f"{_SAYS_WAIT}::test_a_token_altered_in_the_database_stops_its_company_until_it_consents[sqlite]",
        ),
    ),
    # The door.
    Mutant(
        "endless_heads",
        "a head, or what follows a body, may be as long as its sender likes",
        (Change(_SERVER, "if self._bytes > LARGEST_HEAD:", "if self._bytes > 1000 * LARGEST_HEAD:"),),
        (
            f"{_DOORSTEP}::test_trailers_without_an_end_are_not_taken_in",
            f"{_CROWD}::test_a_head_without_an_end_is_cut_off_and_the_day_beside_it_is_booked[sqlite]",
        ),
    ),
    Mutant(
        "any_number",
        "however many connect, all are let in",
        (
            Change(
                _SERVER,
                "config.http, config.limit_concurrency = Doorstep, MOST_CONNECTIONS",
                "config.http, config.limit_concurrency = Doorstep, None",
            ),
        ),
        (
            f"{_DOORSTEP}::test_whoever_is_one_too_many_is_told_to_come_again",
            f"{_CROWD}::test_a_till_that_comes_one_too_many_is_told_so_and_comes_again[sqlite]",
        ),
    ),
    Mutant(
        "answer_before_commit",
        "the till is answered before its delivery is on disk",
        (
            Change(
                f"{_INTAKE}/inbox.py",
                "            await self._compare(connection, _of_a_company(variants))\n",
                "            await self._compare(connection, _of_a_company(variants))\n"
                "            for arrival in group:\n"
                "                if not arrival.done.done():\n"
                "                    arrival.done.set_result(receipts[arrival.delivery_id])\n"
                "            await asyncio.sleep(0)\n",
            ),
        ),
        (
            "tests/intake/test_inbox.py::test_nobody_is_answered_before_the_commit[sqlite]",
            f"{_DOOR}::test_a_day_refused_for_a_full_disk_is_booked_when_it_comes_again[sqlite]",
        ),
    ),
    Mutant(
        "any_signature",
        "any signature opens the door",
        (
            Change(
                f"{_INTAKE}/signature.py",
                "return any(matches)",
                "return len(matches) > 0",
            ),
        ),
        (
            f"{_SIGNATURE}::test_the_raw_bytes_are_what_is_signed",
            f"{_DOOR}::test_a_forged_close_books_nothing[sqlite-None]",
        ),
    ),
    Mutant(
        "no_tolerance",
        "a captured delivery is good for hours",
        (
            Change(
                f"{_INTAKE}/signature.py",
                "if abs(now - sent_at) > TOLERANCE:",
                "if abs(now - sent_at) > 24 * TOLERANCE:",
            ),
        ),
        (
            f"{_SIGNATURE}::test_a_delivery_from_too_long_ago_or_too_far_ahead_is_refused",
            f"{_DOOR}::test_a_captured_close_books_nothing_an_hour_later[sqlite]",
        ),
    ),
    Mutant(
        "no_dedupe",
        "a delivery that comes again is a new one",
        (
            Change(
                f"{_INTAKE}/inbox.py",
                '        "webhook_id": arrival.delivery.webhook_id,\n',
                '        "webhook_id": f"{arrival.delivery_id}{arrival.delivery.webhook_id}"[:256],\n',
            ),
        ),
        (
            "tests/intake/test_ledger.py::test_a_hundred_identical_deliveries_at_once_are_one[sqlite]",
            f"{_STORED}[sqlite-reset after the whole request]",
        ),
    ),
    Mutant(
        "other_companies",
        "a voucher is found by its id alone, whosever it is",
        (
            Change(
                f"{_EXPORT}/repository.py",
                "found = await self._load(sa.select(voucher)"
                ".where(self._own(), voucher.c.voucher_id == voucher_id))",
                "found = await self._load(sa.select(voucher).where(voucher.c.voucher_id == voucher_id))",
            ),
        ),
        (
            "tests/export/test_repository.py::test_no_query_reaches_another_companys_vouchers[sqlite-find]",
            "tests/journeys/test_two_shops.py::test_another_shops_voucher_is_not_there[sqlite]",
        ),
    ),
)
