"""What the registry's codes are called in Chinese and English, for labels and pages. Pure."""

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Language(StrEnum):
    """What people can read here."""

    CHINESE = "zh"
    ENGLISH = "en"


Words = Mapping[str, tuple[str, str]]
"""A code and what it is called in Chinese and in English."""

BOUNDARIES: Final[Words] = MappingProxyType(
    {  # GB/T 24067 and ISO 14067
        "cradle_to_gate": ("从摇篮到大门", "cradle to gate"),
        "cradle_to_shelf": ("从摇篮到货架", "cradle to shelf"),
        "cradle_to_consumer": ("从摇篮到消费者", "cradle to consumer"),
        "cradle_to_grave": ("从摇篮到坟墓", "cradle to grave"),
        "gate_to_gate": ("从大门到大门", "gate to gate"),
        "life_cycle": ("全生命周期", "life cycle"),
        "generation": ("仅发电环节", "generation only"),
        "well_to_wheel": ("从油井到车轮", "well to wheel"),
        "end_of_life": ("废弃处置", "end of life"),
    }
)
UNITS: Final[Words] = MappingProxyType(
    {
        "kg": ("千克", "kg"),
        "L": ("升", "litre"),
        "item": ("件", "item"),
        "m2": ("平方米", "m²"),
        "m": ("米", "metre"),
        "m3": ("立方米", "m³"),
        "kWh": ("千瓦时", "kWh"),
        "wash": ("次洗涤", "wash"),
        "pair": ("双", "pair"),
        "sheet": ("张", "sheet"),
        "meal": ("餐", "meal"),
        "use": ("次使用", "use"),
    }
)
GRADES: Final[Words] = MappingProxyType(
    {
        "A": ("领先", "Leading"),
        "B": ("较低", "Low"),
        "C": ("一般", "Average"),
        "D": ("偏高", "High"),
        "E": ("很高", "Very high"),
    }
)
STATUSES: Final[Words] = MappingProxyType(
    {
        "valid": ("有效", "Valid"),
        "suspended": ("暂停", "Suspended"),
        "withdrawn": ("已撤销", "Withdrawn"),
        "expired": ("已过期", "Expired"),
        "not_issued": ("未签发", "Not issued"),
    }
)
KINDS: Final[Words] = MappingProxyType(
    {
        "carbon_label": ("碳标签", "Carbon label"),
        "low_carbon": ("低碳产品认证", "Low-carbon product"),
        "green_product": ("绿色产品认证", "Green product"),
        "self_declared": ("自我声明", "Self-declared"),
    }
)
STAGES: Final[Words] = MappingProxyType(
    {
        "raw_material_acquisition": ("原材料获取", "Raw materials"),
        "production": ("生产制造", "Production"),
        "distribution": ("分销运输", "Distribution"),
        "use": ("使用", "Use"),
        "end_of_life": ("废弃处置", "End of life"),
    }
)
MODELS: Final[Words] = MappingProxyType(
    {
        "category_mean": ("品类典型值", "usual product of the category"),
        "own_previous": ("该产品上一版证书", "the maker's previous certificate"),
        "conventional_product": ("常规产品", "conventional product"),
        "regulated": ("法规限值", "regulated figure"),
    }
)
METRICS: Final[Words] = MappingProxyType(
    {
        "electricity_carbon_footprint_factor": ("电力碳足迹因子", "Electricity carbon footprint factor"),
        "electricity_co2_emission_factor": ("电力二氧化碳排放因子", "Electricity CO₂ emission factor"),
        "material_footprint_factor": ("原材料碳足迹因子", "Material footprint factor"),
        "freight_footprint_factor": ("运输碳足迹因子", "Freight footprint factor"),
        "waste_footprint_factor": ("废弃物处理因子", "Waste treatment factor"),
        "water_footprint_factor": ("供水碳足迹因子", "Water supply factor"),
    }
)
OBSTACLES: Final[Words] = MappingProxyType(
    {
        "no_certificate": ("该产品没有登记证书。", "No certificate is registered for this product."),
        "certificate_not_valid": ("该产品的证书当日无效。", "No certificate of this product is valid on this day."),
        "scheme_not_recognised": ("其认证制度未被采信。", "The scheme of its certificate is not recognised."),
        "certifier_not_recognised": ("其认证机构未被采信。", "The certifier of its certificate is not recognised."),
        "no_footprint": ("证书没有对应的有效碳足迹。", "No valid footprint stands under its certificate."),
        "footprint_quarantined": (
            "其碳足迹超出品类合理范围，正在复核。",
            "Its footprint is outside its category's plausible range and waits for review.",
        ),
        "no_baseline": ("该品类尚无可用的基准线。", "Its category has no baseline yet."),
        "not_comparable": (
            "碳足迹与基准线的口径不同，不能比较。",
            "Footprint and baseline were worked out differently and can not be compared.",
        ),
        "no_net_content": ("该产品的净含量未登记。", "The content of one unit of this product is not registered."),
        "no_saving": ("其碳足迹不低于基准线。", "Its footprint is not below the baseline."),
    }
)
EVENTS: Final[Words] = MappingProxyType(
    {
        "applied": ("申请受理", "Applied for"),
        "reviewed": ("文件评审", "Reviewed"),
        "site_checked": ("现场核查", "Site checked"),
        "decided": ("认证决定", "Decided"),
        "refused": ("不予认证", "Refused"),
        "issued": ("签发", "Issued"),
        "surveilled": ("监督检查", "Surveillance"),
        "suspended": ("暂停", "Suspended"),
        "reinstated": ("恢复", "Reinstated"),
        "renewed": ("换证", "Renewed"),
        "withdrawn": ("撤销", "Withdrawn"),
        "expired": ("到期", "Expired"),
    }
)
PLACEMENTS: Final[Words] = MappingProxyType(
    {
        "product": ("产品", "the product"),
        "packaging": ("包装", "packaging"),
        "documents": ("随附文件", "documents"),
        "advertising": ("广告宣传", "advertising"),
        "website": ("网站", "websites"),
    }
)
BESIDE: Final[Words] = MappingProxyType(
    {
        "figure": ("碳足迹数值", "the figure"),
        "boundary": ("系统边界", "its boundary"),
        "certificate_number": ("证书编号", "the certificate's number"),
        "certifier": ("发证机构", "the certifier"),
        "declarer": ("声明方", "who declares it"),
    }
)
REGIONS: Final[Words] = MappingProxyType(
    {  # ISO 3166-2:CN, all 34, and the grid regions of labels.regions
        "CN-BJ": ("北京", "Beijing"),
        "CN-TJ": ("天津", "Tianjin"),
        "CN-HE": ("河北", "Hebei"),
        "CN-SX": ("山西", "Shanxi"),
        "CN-NM": ("内蒙古", "Inner Mongolia"),
        "CN-LN": ("辽宁", "Liaoning"),
        "CN-JL": ("吉林", "Jilin"),
        "CN-HL": ("黑龙江", "Heilongjiang"),
        "CN-SH": ("上海", "Shanghai"),
        "CN-JS": ("江苏", "Jiangsu"),
        "CN-ZJ": ("浙江", "Zhejiang"),
        "CN-AH": ("安徽", "Anhui"),
        "CN-FJ": ("福建", "Fujian"),
        "CN-JX": ("江西", "Jiangxi"),
        "CN-SD": ("山东", "Shandong"),
        "CN-HA": ("河南", "Henan"),
        "CN-HB": ("湖北", "Hubei"),
        "CN-HN": ("湖南", "Hunan"),
        "CN-GD": ("广东", "Guangdong"),
        "CN-GX": ("广西", "Guangxi"),
        "CN-HI": ("海南", "Hainan"),
        "CN-CQ": ("重庆", "Chongqing"),
        "CN-SC": ("四川", "Sichuan"),
        "CN-GZ": ("贵州", "Guizhou"),
        "CN-YN": ("云南", "Yunnan"),
        "CN-XZ": ("西藏", "Tibet"),
        "CN-SN": ("陕西", "Shaanxi"),
        "CN-GS": ("甘肃", "Gansu"),
        "CN-QH": ("青海", "Qinghai"),
        "CN-NX": ("宁夏", "Ningxia"),
        "CN-XJ": ("新疆", "Xinjiang"),
        "CN-HK": ("香港", "Hong Kong"),
        "CN-MO": ("澳门", "Macao"),
        "CN-TW": ("台湾", "Taiwan"),
        "CN-NORTH-GRID": ("华北区域电网", "North China grid"),
        "CN-NORTHEAST-GRID": ("东北区域电网", "Northeast China grid"),
        "CN-EAST-GRID": ("华东区域电网", "East China grid"),
        "CN-CENTRAL-GRID": ("华中区域电网", "Central China grid"),
        "CN-NORTHWEST-GRID": ("西北区域电网", "Northwest China grid"),
        "CN-SOUTH-GRID": ("南方区域电网", "Southern China grid"),
        "CN-SOUTHWEST-GRID": ("西南区域电网", "Southwest China grid"),
    }
)

_OTHERS: Final[Words] = MappingProxyType(
    {
        "category_mean": ("同类产品", "similar products"),
        "own_previous": ("自身上一版", "its previous figure"),
        "conventional_product": ("常规产品", "the conventional product"),
        "regulated": ("法规限值", "the regulated figure"),
    }
)
_MILLIGRAMS: Final = (("t", 10**9), ("kg", 10**6), ("g", 10**3), ("mg", 1))
_SIGNIFICANT: Final = 3


def word(words: Words, code: str, language: Language) -> str:
    """Return what a code is called; one without a name is shown as it is, without its underscores."""
    chinese, english = words.get(code, (code.replace("_", " "),) * 2)
    return chinese if language is Language.CHINESE else english


def name_in(language: Language, name_zh: str, name_en: str) -> str:
    """Return a name in a language, or in the other where it has none."""
    return (name_zh or name_en) if language is Language.CHINESE else (name_en or name_zh)


def mass(milligrams: int) -> tuple[str, str]:
    """Return a mass for people, as number and unit: three significant digits, half to even, such as 9.12 and kg."""
    unit, size = next((each for each in _MILLIGRAMS if abs(milligrams) >= each[1]), _MILLIGRAMS[-1])
    number = Decimal(milligrams) / size
    if number == 0:
        return "0", "g"
    places = max(0, _SIGNIFICANT - 1 - number.adjusted())
    return f"{number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN):,f}", unit


def likeness(below_bp: int | None, model: str | None, language: Language) -> str:
    """Return how a product compares in a few words.

    `below_bp` is in hundredths of a percent below the baseline, `model` says what kind of baseline that is.
    """
    chinese = language is Language.CHINESE
    if below_bp is None:
        return "暂无同类可比" if chinese else "No comparison available"
    other = word(_OTHERS, model or "category_mean", language)
    percent = abs(below_bp) // 100
    if percent == 0:
        return f"与{other}相当" if chinese else f"About the same as {other}"
    if chinese:
        return f"比{other}{'低' if below_bp > 0 else '高'} {percent}%"
    return f"{percent} % {'below' if below_bp > 0 else 'above'} {other}"
