"""Why a line has its verdict: a code each, with the English sentence that its parameters fill.

Who shows a scorecard translates the sentence (it is the message id) and fills it then.
"""

REASONS: dict[str, str] = {
    "same": "What was recorded is what the caller said.",
    "different": "The caller said something else.",
    "unreadable": "“{found}” cannot be read as an answer to this field.",
    "told_earlier": "That is what the caller said at first; it was corrected later in the call.",
    "empty": "The caller said it, but nothing was recorded.",
    "never_told": "Nobody asked, so the caller never said it.",
    "guessed": "The caller never said this.",
    "not_applicable": "This question did not apply to the caller.",
    "follows": "Follows only from another mistake ({fields}); not counted.",
    "extension_differs": "The extension differs: “{expected}” expected, “{found}” found.",
    "digits_count": "{found} digits were recorded; the number has {expected}.",
    "currency": "The wrong currency: {found} instead of {expected}.",
    "part_of_name": "Only a part of the name: “{found}”.",
    "one_character": "One character differs: “{found}” instead of “{expected}”.",
    "near_name": "Nearly right: “{found}”.",
    "address_elements": "Wrong or missing in the address: {elements}.",
    "address_number": "A wrong number in the address, so nothing would arrive: {elements}.",
    "points_missing": "Not recorded: {points}.",
    "points_denied": "Recorded as the opposite: {points}.",
    "in_band": "Within the target.",
    "above_band": "{value} s is above the target of {limit} s.",
    "outside_band": "{value} s is outside the target of {low} to {limit} s.",
    "rated": "The caller's rating.",
}


def sentence(code: str, params: dict[str, str], template: str | None = None) -> str:
    """The sentence of a reason, filled; `template` is its translation. An unknown code is shown as it is."""
    text = template if template is not None else REASONS.get(code, code)
    for name, value in params.items():
        text = text.replace("{" + name + "}", value)
    return text
