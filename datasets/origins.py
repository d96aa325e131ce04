"""Where a number is from: country, province and city, operator, by libphonenumber's tables (Google, Apache-2.0)."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from datasets.language import Language

OriginKind = Literal["mobile", "landline", "free", "other", "unknown"]


class Origin(BaseModel):
    """`place`: 浙江省杭州市, Hangzhou, Zhejiang; `operator`: 中国移动; each empty where nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: OriginKind
    country: str = ""
    """ISO 3166, CN."""
    place: str = ""
    operator: str = ""


def origin_of(e164: str, language: Language) -> Origin:
    """Of a number in E.164 (`+8613805711234`). The first call of a process reads the tables: 0.4 s, 90 MB."""
    import phonenumbers  # noqa: PLC0415 (big tables, which only who shows calls needs)
    from phonenumbers import carrier, geocoder  # noqa: PLC0415

    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return Origin(kind="unknown")
    kinds: dict[int, OriginKind] = {
        phonenumbers.PhoneNumberType.MOBILE: "mobile",
        phonenumbers.PhoneNumberType.FIXED_LINE: "landline",
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE: "other",
        phonenumbers.PhoneNumberType.TOLL_FREE: "free",
    }
    spoken = "zh" if language == "zh-CN" else "en"
    return Origin(
        kind=kinds.get(phonenumbers.number_type(number), "other")
        if phonenumbers.is_valid_number(number)
        else "unknown",
        country=phonenumbers.region_code_for_number(number) or "",
        place=geocoder.description_for_number(number, spoken),
        operator=carrier.name_for_number(number, spoken),
    )
