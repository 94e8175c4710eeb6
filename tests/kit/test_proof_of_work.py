import base64
import json
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import altcha
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amparo.kit import proof_of_work, sealing
from amparo.kit.proof_of_work import LIFETIME, challenge, check

pytestmark = pytest.mark.usefixtures("key_file")
NOW = datetime(2030, 4, 1, 12, 0, tzinfo=UTC)
SOLVER = Path(proof_of_work.__file__).parent.parent / "web" / "static" / "js" / "proof.js"


@pytest.fixture(autouse=True)
def easy(monkeypatch):
    """Little work, so that the tests do not do the supporters'."""
    monkeypatch.setattr(proof_of_work, "ROUNDS", 2)


def solved(made):
    challenge = altcha.Challenge.from_dict(made)
    return altcha.Payload(challenge, altcha.solve_challenge(challenge)).to_base64()


def changed(payload, **parameters):
    content = json.loads(base64.b64decode(payload))
    content["challenge"]["parameters"].update(parameters)
    return base64.b64encode(json.dumps(content).encode()).decode()


def test_a_solved_challenge_is_known_by_its_id():
    made = challenge(now=NOW)
    assert check(solved(made), now=NOW) == made["parameters"]["nonce"]
    assert challenge(now=NOW)["parameters"]["nonce"] != made["parameters"]["nonce"]


def test_it_is_good_for_twenty_minutes():
    payload = solved(challenge(now=NOW))
    assert timedelta(minutes=20) == LIFETIME
    assert check(payload, now=NOW + LIFETIME) is not None
    assert check(payload, now=NOW + LIFETIME + timedelta(seconds=1)) is None


def test_the_work_has_bounds():
    for _ in range(20):
        content = json.loads(base64.b64decode(solved(challenge(now=NOW))))
        counter = content["solution"]["counter"]
        assert proof_of_work.FEWEST_GUESSES <= counter <= proof_of_work.MOST_GUESSES


def test_mallory_cannot_make_it_easier_or_longer():
    payload = solved(challenge(now=NOW))
    later = int((NOW + timedelta(days=1)).timestamp())
    assert check(changed(payload, data={"until": later}), now=NOW) is None
    assert check(changed(payload, data={"until": later}), now=NOW + timedelta(hours=1)) is None
    assert check(changed(payload, keyPrefix=""), now=NOW) is None
    assert check(changed(payload, cost=1), now=NOW) is None
    assert check(changed(payload, nonce="00" * 16), now=NOW) is None


def test_a_payload_far_too_long_is_not_even_looked_at():
    assert check(changed(solved(challenge(now=NOW))), now=NOW) is not None
    assert check(solved(challenge(now=NOW)) + "=" * 2000, now=NOW) is None


def test_a_wrong_answer_is_no_answer():
    content = json.loads(base64.b64decode(solved(challenge(now=NOW))))
    content["solution"]["counter"] += 1
    assert check(base64.b64encode(json.dumps(content).encode()).decode(), now=NOW) is None


def test_a_challenge_of_another_installation_is_not_ours(key_file):
    payload = solved(challenge(now=NOW))
    key_file.write_text(key_file.read_text().replace("index:", "# index:") + "index:" + "A" * 43 + "\n")
    sealing.forget_keys()
    assert check(payload, now=NOW) is None


@pytest.mark.parametrize(
    "payload",
    ["", "x", "é", "bnVsbA==", "W10=", base64.b64encode(b"[" * 1400).decode(), "A" * 4_000_000],
)
def test_nonsense_is_no_answer(payload):
    assert check(payload, now=NOW) is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
future = st.just({"until": 4_000_000_000})


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.fixed_dictionaries(
        {"data": future | json_values}, optional={"nonce": json_values, "cost": json_values}
    ),
    json_values,
    json_values,
)
def test_no_shape_of_nonsense_breaks_the_check(parameters, signature, solution):
    whole = {"algorithm": "PBKDF2/SHA-256", "nonce": "00", "salt": "00", "cost": 1, **parameters}
    content = {"challenge": {"parameters": whole, "signature": signature}, "solution": solution}
    assert check(base64.b64encode(json.dumps(content).encode()).decode(), now=NOW) is None


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node to run the browser's module")
def test_what_the_browser_computes_is_accepted(monkeypatch):
    monkeypatch.setattr(proof_of_work, "ROUNDS", 500)
    made = challenge(now=NOW)
    program = f"import {{ solve }} from {SOLVER.as_uri()!r}; console.log(await solve({json.dumps(made)}));"
    command = ["node", "--no-warnings", "--input-type=module", "--eval", program]
    payload = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.strip()
    assert check(payload, now=NOW) == made["parameters"]["nonce"]


def test_the_solver_stays_small_and_alone():
    text = SOLVER.read_text(encoding="utf-8")
    assert len(text.encode()) <= 2048
    assert "import " not in text
    assert "http" not in text.replace("https)", "")
