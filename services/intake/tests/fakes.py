"""The neighbours of intake as its tests need them: they answer over a channel, as the real ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc import code_pb2, status_pb2
from liandong.catalog.v1 import catalog_service_pb2 as catalog
from liandong.common.v1 import common_pb2 as common
from liandong.review.v1 import review_service_pb2 as review

from servicekit.client import LocalRpcError
from servicekit.errors import NotFoundError
from servicekit.statuses import to_status
from services.intake.domain.errors import ItemNotInForceError, ItemUnknownError

ITEM = "370306-01-001"
DEPARTMENT = "370306000000-D01"
CENTRE = "370306000000-C1"
W01, W02 = f"{CENTRE}-W01", f"{CENTRE}-W02"
CENTRE_PATH = f"/370000000000/370300000000/370306000000/{CENTRE}/"
TOWN = "/370000000000/370300000000/370306000000/370306001000/"
T01 = "370306001000-C1-W01"
VILLAGE = "370306001001-P1"
PATHS = {
    W01: f"{CENTRE_PATH}{W01}/",
    W02: f"{CENTRE_PATH}{W02}/",
    T01: f"{TOWN}370306001000-C1/{T01}/",
}
UNITS = {
    W01: "综合受理窗口（1号）",
    W02: "综合受理窗口（2号）",
    T01: "便民服务中心综合窗口",
    VILLAGE: "丝绸路村代办点（示例）",
    DEPARTMENT: "周村区行政审批服务局",
}
PERSONS = {
    "p-clerk": "王芳（示例）",
    "p-colleague": "李伟（示例）",
    "p-reviewer": "赵敏（示例）",
    "p-checker": "孙强（示例）",
    "p-agent": "代办员（示例）",
}
ALL_POWERS = tuple(value for value in catalog.Power.values() if value)


def _materials() -> list[catalog.Material]:
    required = catalog.NECESSITY_REQUIRED
    return [
        catalog.Material(material_code="M01", name="食品经营许可申请书", necessity=required),
        catalog.Material(
            material_code="M02", name="营业执照", necessity=required, sharing_source="市场监管"
        ),
        catalog.Material(
            material_code="M03", name="身份证明", necessity=required, sharing_source="公安"
        ),
        catalog.Material(material_code="M04", name="布局图", necessity=required),
        catalog.Material(material_code="M05", name="规章制度目录清单", necessity=required),
        catalog.Material(material_code="M06", name="照片", necessity=catalog.NECESSITY_OPTIONAL),
    ]


def food_licence(**changes: Any) -> catalog.ItemVersion:
    """食品经营许可 as the catalogue publishes it (illustrative)."""
    version = catalog.ItemVersion(
        item_version=f"{ITEM}@1",
        item_code=ITEM,
        name="食品经营许可（新办）",
        item_type="01",
        authority=DEPARTMENT,
        authority_name="周村区行政审批服务局",
        authority_prefix="周审批",
        handling=catalog.HANDLING_KIND_PROMISED,
        statutory_limit=common.Limit(
            amount=10,
            unit=common.LIMIT_UNIT_WORKING_DAY,
            start=common.LIMIT_START_ACCEPTED,
            source="食品经营许可和备案管理办法",
        ),
        promised_limit=common.Limit(
            amount=5, unit=common.LIMIT_UNIT_WORKING_DAY, start=common.LIMIT_START_ACCEPTED
        ),
        deemed_acceptance=True,
        persons_required=2,
        site_check_required=True,
        materials=_materials(),
        result_name="食品经营许可证",
        result_physical=True,
        admitted=True,
        courier_offered=True,
        legal_bases=["食品安全法", "食品经营许可和备案管理办法"],
        advice_phone="0533-6400000",
        complaint_phone="0533-12345",
        review_body="周村区人民政府",
        court="淄博市周村区人民法院",
    )
    for name, value in changes.items():
        setattr(version, name, value)
    return version


class UnitUnknownError(NotFoundError):
    """As the catalogue says it."""

    reason = "UNIT_UNKNOWN"


class PersonUnknownError(NotFoundError):
    """As the catalogue says it."""

    reason = "PERSON_UNKNOWN"


class FakeChannel:
    """Answers calls from a table of methods; `log` keeps what was asked."""

    def __init__(self, methods: dict[str, Callable[[Any], Any]]) -> None:
        self.methods = methods
        self.log: list[str] = []

    def unary_unary(self, method: str, *_serializers: Any, **_options: Any) -> Callable[..., Any]:
        def call(request: Any, **_kwargs: Any) -> Any:
            self.log.append(method.rpartition("/")[2])
            return self.methods[method](request)

        return call


class FakeCatalog(FakeChannel):
    """The catalogue: one item in force, one that is not, letters for window 1."""

    def __init__(self) -> None:
        service = "/liandong.catalog.v1.CatalogService"
        super().__init__(dict.fromkeys((f"{service}/{name}" for name in _CATALOG), _unasked))
        self.methods[f"{service}/GetServiceItem"] = self.item
        self.methods[f"{service}/GetWindowPowers"] = self.window_powers
        self.methods[f"{service}/FindCompetentWindows"] = self.competent
        self.methods[f"{service}/FindAuthority"] = self.authority
        self.methods[f"{service}/GetPerson"] = self.person
        self.methods[f"{service}/GetUnit"] = self.unit
        self.persons = dict(PERSONS)
        self.version = food_licence()
        self.powers = ALL_POWERS
        self.predecessors: dict[str, list[str]] = {}
        self.on_the_spot_deciders: tuple[str, ...] = ("p-clerk",)
        self.competent_windows: tuple[str, ...] = (W01, T01)
        # What the record of the department says today.
        self.remedies = ("周村区人民政府", "淄博市周村区人民法院")
        self.ended = False
        self.away = False

    def item(self, request: catalog.GetServiceItemRequest) -> catalog.GetServiceItemResponse:
        self._require_here()
        if request.item_code == "370306-01-002":
            raise refusal(ItemNotInForceError("not in force", item=request.item_code))
        if request.item_code != ITEM:
            raise refusal(ItemUnknownError("unknown", item=request.item_code))
        if self.ended and not request.include_ended:
            raise refusal(ItemNotInForceError("ended", item=request.item_code))
        return catalog.GetServiceItemResponse(version=self.version, in_force=not self.ended)

    def competent(
        self, request: catalog.FindCompetentWindowsRequest
    ) -> catalog.FindCompetentWindowsResponse:
        self._require_here()
        if request.item_code != ITEM:
            raise refusal(ItemUnknownError("unknown", item=request.item_code))
        return catalog.FindCompetentWindowsResponse(
            windows=[
                catalog.Unit(code=code, name=UNITS[code], unit_path=PATHS[code])
                for code in self.competent_windows
            ]
        )

    def window_powers(
        self, request: catalog.GetWindowPowersRequest
    ) -> catalog.GetWindowPowersResponse:
        self._require_here()
        if request.window_unit not in PATHS:
            raise refusal(UnitUnknownError("unknown", unit=request.window_unit))
        return catalog.GetWindowPowersResponse(
            letter="授〔2026〕1号",
            powers=self.powers,
            on_the_spot_deciders=self.on_the_spot_deciders,
            predecessors=self.predecessors.get(request.window_unit, ()),
            window=catalog.Unit(
                code=request.window_unit,
                name="政务服务中心综合窗口",
                kind=catalog.UNIT_KIND_WINDOW,
                unit_path=PATHS[request.window_unit],
            ),
        )

    def authority(self, request: catalog.FindAuthorityRequest) -> catalog.FindAuthorityResponse:
        self._require_here()
        parts = {part.authority: part.authority_name for part in self.version.parts}
        known = {**parts, DEPARTMENT: UNITS[DEPARTMENT]}
        found = [each for each in known.items() if request.name_or_code in each]
        if not found:
            return catalog.FindAuthorityResponse()
        [(authority, name)] = found
        review_body, court = self.remedies
        return catalog.FindAuthorityResponse(
            authority=authority, authority_name=name, served=True,
            review_body=review_body, court=court,
        )  # fmt: skip

    def person(self, request: catalog.GetPersonRequest) -> catalog.GetPersonResponse:
        self._require_here()
        if request.person not in self.persons:
            raise refusal(PersonUnknownError("unknown", person=request.person))
        return catalog.GetPersonResponse(
            person=request.person, person_name=self.persons[request.person]
        )

    def unit(self, request: catalog.GetUnitRequest) -> catalog.GetUnitResponse:
        self._require_here()
        if request.unit not in UNITS:
            raise refusal(UnitUnknownError("unknown", unit=request.unit))
        return catalog.GetUnitResponse(
            unit=catalog.Unit(code=request.unit, name=UNITS[request.unit])
        )

    def _require_here(self) -> None:
        if self.away:
            raise LocalRpcError(status_pb2.Status(code=code_pb2.UNAVAILABLE, message="away"))


class FakeReview(FakeChannel):
    """The review: knows what every decision rests on, and what was found on the site."""

    def __init__(self) -> None:
        service = "/liandong.review.v1.ReviewService"
        super().__init__(dict.fromkeys((f"{service}/{name}" for name in _REVIEW), _unasked))
        self.methods[f"{service}/GetReviewCase"] = self.review_case
        self.checks: list[review.SiteCheck] = []
        # What a grant says beside its facts: content, validity, conditions.
        self.decision: dict[str, Any] = {}

    def check(self, findings: str, *checkers: str, complies: bool = True) -> None:
        """Record a check on the site at 09:30 of the tenth of September."""
        self.checks.append(
            review.SiteCheck(
                check_time=Timestamp(seconds=1_789_003_800),
                place="丝市街12号",
                checkers=checkers,
                findings=findings,
                complies=complies,
            )
        )

    def review_case(self, request: review.GetReviewCaseRequest) -> review.GetReviewCaseResponse:
        return review.GetReviewCaseResponse(
            review=review.ReviewCase(
                case_number=request.case_number,
                site_check=self.checks[-1] if self.checks else None,
                site_checks=self.checks,
                decision=review.Decision(
                    **self.decision,
                    decider="p-decider",
                    outcome=review.DECISION_OUTCOME_GRANTED,
                    facts="经现场核查，经营场所布局合理。",
                    reasons="符合食品经营许可条件。",
                    legal_bases=["食品安全法第三十五条"],
                ),
            )
        )


def refusal(error: Any) -> LocalRpcError:
    return LocalRpcError(to_status(error, lambda reason, _facts: reason))


def _unasked(request: Any) -> Any:
    raise AssertionError(f"nobody asks this: {request}")


_CATALOG = [method.name for method in catalog.DESCRIPTOR.services_by_name["CatalogService"].methods]
_REVIEW = [method.name for method in review.DESCRIPTOR.services_by_name["ReviewService"].methods]
