"""/_simulator/…/switches: make Fortnox misbehave a number of times, for one company or for everybody."""

from http import HTTPStatus

from fastapi import APIRouter

from fortnox_sync.simulator.caller import InWorld
from fortnox_sync.simulator.control_subjects import OfCompany, Record
from fortnox_sync.simulator.switches import Switch, SwitchForm

router = APIRouter(prefix="/_simulator", tags=["switches"])
of_company = APIRouter(prefix="/companies/{number}")


def record_switch(switch: Switch) -> Record:
    """Tell what a switch does and how often it still will."""
    return {
        "id": switch.id,
        "tenant": switch.tenant,
        "times_left": switch.times_left,
        **switch.form.model_dump(exclude={"times"}),
    }


@router.post("/switches", status_code=HTTPStatus.CREATED)
async def turn_on_for_everybody(form: SwitchForm, world: InWorld) -> Record:
    """Turn a switch on for every company, and for calls that belong to none."""
    return record_switch(world.switches.turn_on(form, None))


@of_company.post("/switches", status_code=HTTPStatus.CREATED)
async def turn_on(company: OfCompany, form: SwitchForm, world: InWorld) -> Record:
    """Turn a switch on for one company."""
    return record_switch(world.switches.turn_on(form, company.database_number))


@router.get("/switches")
async def list_general_switches(world: InWorld) -> list[Record]:
    """List what is switched on for everybody."""
    return [record_switch(switch) for switch in world.switches.on(None)]


@of_company.get("/switches")
async def list_switches(company: OfCompany, world: InWorld) -> list[Record]:
    """List what is switched on for one company."""
    return [record_switch(switch) for switch in world.switches.on(company.database_number)]


@router.delete("/switches", status_code=HTTPStatus.NO_CONTENT)
async def turn_everything_off(world: InWorld) -> None:
    """Turn every switch of everybody off."""
    world.switches.turn_off(lambda _: True)


@of_company.delete("/switches", status_code=HTTPStatus.NO_CONTENT)
async def turn_off(company: OfCompany, world: InWorld) -> None:
    """Turn one company's switches off."""
    world.switches.turn_off(lambda switch: switch.tenant == company.database_number)


router.include_router(of_company)
