"""The catalogue of the desk: what the callers know of, and a few articles that only an agent can tell them about."""

from datasets.language import Language
from datasets.products import Currency, Product, catalogue

_MORE: dict[Language, tuple[Currency, str]] = {
    "zh-CN": (
        "CNY",
        """
JJ1007|迷你电饭煲|厨房电器|15900|140|奶白 浅绿
JD2006|扫地机器人|家用电器|129900|25|
JF3004X|儿童空调被|家纺|13800|90|蓝色 粉色
JK4005|护眼台灯|健康器械|17900|120|
SP7004|山茶油礼盒|食品|16800|110|
""",
    ),
    "en": (
        "USD",
        """
KA1007|mini rice cooker|kitchen|2995|140|cream, green
HA2006|robot vacuum|household|24900|25|
BD3005|kids' summer quilt|bedding|2495|90|blue, pink
HE4005|desk lamp|health|3495|120|
FD7003|olive oil gift box|food|2995|110|
""",
    ),
}


def goods(language: Language) -> tuple[Product, ...]:
    """Every article an agent of that language can sell."""
    currency, lines = _MORE[language]
    return catalogue(language) + tuple(_product(line, language, currency) for line in lines.strip().splitlines())


def _product(line: str, language: Language, currency: Currency) -> Product:
    sku, name, category, price, stock, variants = line.split("|")
    between = " " if language == "zh-CN" else ", "
    return Product(
        sku=sku, language=language, name=name, category=category, price_minor=int(price), currency=currency,
        variants=tuple(variants.split(between)) if variants else (), stock=int(stock),
    )  # fmt: skip
