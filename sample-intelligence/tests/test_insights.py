import json

import pytest

from tests.support import Databases, Service


def test_scores_an_order_against_the_history(service: Service, databases: Databases, customer: str) -> None:
    databases.order(customer, 1000, 1010, 990, 1020, 980)
    response = service.insight(customerId=customer, amount=5000)
    assert response.status_code == 200
    assert response.json() == {
        "customerId": customer,
        "currency": "EUR",
        "count": 5,
        "assessment": "unusual",
        "expectedAmount": 1000,
        "deviation": 4000,
        "anomalyScore": pytest.approx(269.8),
        "method": "modified-z-score",
    }
    assert service.insight(customerId=customer, amount=1005).json()["assessment"] == "typical"


def test_the_order_itself_is_not_part_of_its_history(service: Service, databases: Databases, customer: str) -> None:
    *_, latest = databases.order(customer, 10, 10, 10, 10, 10, 5000)
    with_it = service.insight(customerId=customer).json()
    without_it = service.insight(customerId=customer, orderId=str(latest)).json()
    assert (with_it["count"], without_it["count"]) == (6, 5)


def test_only_the_latest_orders_of_this_customer_and_currency_count(
    service: Service, databases: Databases, customer: str
) -> None:
    databases.order(customer, *[9] * 20, *[1] * 100)
    databases.order(customer, *[7] * 10, currency="JPY")
    databases.order(f"{customer}2", *[8] * 10)
    insight = service.insight(customerId=customer, amount=1).json()
    assert (insight["count"], insight["assessment"], insight["anomalyScore"]) == (100, "typical", 0)
    assert service.insight(customerId=customer, currency="JPY").json()["expectedAmount"] == 7


def test_too_little_history_is_an_answer_and_grows_at_once(
    service: Service, databases: Databases, customer: str
) -> None:
    nothing = {"expectedAmount": None, "deviation": None, "anomalyScore": None, "assessment": "insufficient-history"}
    assert nothing.items() <= service.insight(customerId=customer).json().items()
    for count in range(1, 6):
        databases.order(customer, 100)
        assert service.insight(customerId=customer).json()["count"] == count


def test_a_history_is_read_once_and_then_cached(service: Service, databases: Databases, customer: str) -> None:
    hits = service.metric('history_cache_total{result="hit"}')
    databases.order(customer, *[100] * 6)
    first = service.insight(customerId=customer).json()
    databases.order(customer, 999)
    assert service.insight(customerId=customer).json() == first
    assert service.metric('history_cache_total{result="hit"}') == hits + 1


@pytest.mark.parametrize(
    "customer_id",
    [
        "' or 1=1 --",
        "'; drop table orders; --",
        "a:EUR",
        "history:EUR:x",
        "*",
        "a b\tc\r\nSET history:EUR:x 1\r\n",
        "$1 %s {0} \\",
        "Zoë 🚢 \u202e",
        "x" * 64,
        "🚢" * 64,
    ],
)
def test_a_customer_id_is_only_ever_a_value(service: Service, databases: Databases, customer_id: str) -> None:
    databases.order(customer_id, *[100] * 6)
    databases.order(customer_id + "?" if len(customer_id) < 64 else "another", *[1] * 6)
    for source in ("from PostgreSQL", "from Redis"):
        insight = service.insight(customerId=customer_id).json()
        assert (insight["customerId"], insight["count"], insight["expectedAmount"]) == (customer_id, 6, 100), source


def test_the_largest_amounts_are_exact(service: Service, databases: Databases, customer: str) -> None:
    largest = 2**63 - 1
    databases.order(customer, *[largest] * 6)
    response = service.insight(customerId=customer, amount=0)
    insight = json.loads(response.text)
    assert (insight["expectedAmount"], insight["deviation"]) == (largest, -largest)


def test_unknown_fields_are_ignored(service: Service, customer: str) -> None:
    assert service.insight(customerId=customer, addedLater=1).status_code == 200
