"""What could not work does not render, and says which value is to blame."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.helm, pytest.mark.timeout(1800)]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"services.intake.roles": {"api": {"replica": 3}}}, "'replica' not allowed"),
        ({"settings.LOG_LEVELS": "INFO"}, "'LOG_LEVELS' not allowed"),
        ({"networkPolicy.amqp.peers": []}, "/networkPolicy/amqp/peers"),
        ({"settings.DRAIN_S": 40}, "longer than DRAIN_S and preStopSeconds"),
        ({"services.review.settings.DRAIN_S": 40}, "longer than DRAIN_S and preStopSeconds"),
        ({"settings.OTLP_ENDPOINT": "http://collector:4318"}, "no process may reach"),
        ({"services.intake.serviceToken": None}, "services.intake.serviceToken.existingSecret"),
        ({"site.division": ""}, "site.division"),
        ({"development.clock.enabled": True}, "only settings.PROFILE demonstration"),
        ({"postgresql.mode": "cloudnativepg"}, "does not know postgresql.cnpg.io/v1"),
        ({"rabbitmq.mode": "operator"}, "does not know rabbitmq.com/v1beta1"),
        ({"tls.mode": "cert-manager"}, "does not know cert-manager.io/v1"),
        ({"profile": "village"}, "link.targets.catalog"),
        ({"profile": "hamlet"}, "/profile"),
        ({"roles.worker.autoscaling.maxReplicas": 0}, "/roles/worker/autoscaling/maxReplicas"),
        ({"roles.api.autoscaling.maxReplicas": 1}, "maxReplicas is below minReplicas"),
        ({"site.dutyWindow": ""}, "site.dutyWindow"),
    ],
    ids=lambda each: None if isinstance(each, str) else next(iter(each)),
)
def test_what_could_not_work_is_refused_with_its_name(template, changed, message):
    done = template(**changed)
    assert done.returncode
    assert message in done.stderr
