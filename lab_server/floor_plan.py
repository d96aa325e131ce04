"""The floor plan that is at work: the owner's file, or the built-in plan made from the settings."""

from lab_server.config import ConfigError, Settings
from lab_server.routing.plan import FloorPlan, built_in
from lab_server.routing.plan_file import PlanFileError, load_plan


def floor_plan(settings: Settings) -> FloorPlan:
    """Raises `ConfigError` with everything that is wrong with the file, each with its line and place."""
    if not settings.plan:
        try:
            return built_in(
                settings.queues, settings.menu_keys, settings.seat_numbers, settings.time_zone, settings.language
            )
        except ValueError as wrong:
            raise ConfigError(f"queues={settings.queues}, menu_keys={settings.menu_keys}: {wrong}") from wrong
    try:
        plan = load_plan(settings.plan_file)
    except (PlanFileError, OSError) as wrong:
        raise ConfigError(f"the floor plan cannot be put to work (setting plan={settings.plan}):\n{wrong}") from wrong
    unknown = [seat for seat in plan.seats if seat not in settings.seat_numbers]
    if unknown:
        first, last = settings.seat_numbers[0], settings.seat_numbers[-1]
        raise ConfigError(
            f"plan={settings.plan}: it has seat {', '.join(unknown[:5])}, but the phones here are {first} to {last}: "
            "change the plan, or the settings seats_from and seats."
        )
    return plan
