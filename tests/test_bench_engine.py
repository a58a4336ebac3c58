"""The benchmark of engines measures what it says, in the form it promises, and states nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage

from docmind.bench.against import comparison, earlier_report
from docmind.bench.engine import bench_engine, measure
from docmind.bench.engine_report import engine_report
from docmind.bench.limits import card_named, decode_limit, prefill_limit
from docmind.bench.machine import this_machine
from docmind.bench.memory_sampler import Gauge, cards_used, gauge_of, watched
from docmind.bench.plots import draw
from docmind.bench.report import Figure, Report, document, table
from docmind.bench.results import Measured, Opened, spread_of
from docmind.bench.scenarios import Plan, Scenario, prompt, prompt_sizes, quick_plan, scenarios, words_for
from docmind.bench.timing import Pair, Round, Timed, ask_together, wrapped_over_raw
from docmind.engines import Options, PreparedPrompt
from docmind.engines.extractive import ExtractiveEngine
from docmind.errors import ContextWindowError, SettingsError
from docmind.models import Choice, known_models
from docmind.settings import Settings, process_environment

NOTHING = {"median": None, "low": None, "high": None, "n": 0}
FIGURES = {
    "prompt_tokens",
    "completion_tokens",
    "first_token_seconds",
    "prefill_tokens_per_second",
    "decode_tokens_per_second",
    "total_tokens_per_second",
    "peak_memory_bytes",
}
SMALL = Plan(runs=2, pairs=2, pair_tokens=16, users=(1, 3), quick=True)
NO_GAUGE = Gauge("not measured", on_card=False, read=lambda: None, pause=1.0)


def by_name(report: Report) -> dict[str, Figure]:
    return {figure.name: figure for figure in report.figures}


def check_form(values: Mapping[str, Any]) -> None:
    """The form of the document, as docs/benchmarks/engines.md promises it."""
    assert {"engine", "model", "hardware", "versions", "scenarios", "overhead"} <= set(values)
    assert values["hardware"]["cores"] > 0
    assert values["hardware"]["device"]
    assert values["versions"]["docmind"]
    for scenario in values["scenarios"]:
        assert set(scenario) == {"name", "users", "runs", "answer_tokens_asked", *FIGURES}
        for name in FIGURES:
            check_spread(scenario[name])
    assert set(values["overhead"]) == {"wrapped_over_raw"}
    check_spread(values["overhead"]["wrapped_over_raw"])


def check_spread(figure: Mapping[str, Any]) -> None:
    assert set(figure) == {"median", "low", "high", "n"}
    if figure["n"]:
        assert figure["low"] <= figure["median"] <= figure["high"]
    else:
        assert figure == NOTHING


def test_prompts_grow_up_to_the_window() -> None:
    assert prompt_sizes(8_192, Plan()) == (1_024, 2_048, 4_096, 7_680)
    assert prompt_sizes(131_072, Plan()) == (32_768, 65_536, 98_304, 122_880)
    for window in (1_024, 8_192, 40_960, 131_072):
        for scenario in scenarios(window, Plan()):
            assert scenario.prompt_tokens + scenario.answer_tokens <= window


def test_no_prompt_begins_like_another() -> None:
    engine = ExtractiveEngine()
    first = {str(message.content).split()[0] for number in range(50) for message in prompt(number, 20)[:2]}
    assert len(first) == 100
    assert engine.count_prompt(prompt(1_000, 40), Options(16)) == engine.count_prompt(prompt(1_001, 40), Options(16))


@pytest.mark.parametrize("tokens", [200, 1_024, 7_680, 122_880])
def test_prompts_have_the_length_asked_for(tokens: int) -> None:
    engine = ExtractiveEngine()

    def count(messages: Sequence[ChatMessage]) -> int:
        return engine.count_prompt(messages, Options(16))

    counted = count(prompt(1_000, words_for(tokens, count, 1_000)))
    assert 0.99 * tokens <= counted <= tokens


def test_speeds_are_of_tokens_after_the_first() -> None:
    # A prompt of 100 tokens; 2 tokens after half a second, 10 in all after two and a half.
    answer = Timed(prompt_tokens=100, tokens=10, first_tokens=2, first_seconds=0.5, last_seconds=2.5, seconds=3.0)
    assert answer.decode_speed == 4.0
    assert Timed(100, 2, 2, 0.5, 0.5, 0.6).decode_speed is None  # nothing came after the first
    assert Timed(100, 0, 0, None, 0.0, 0.6).decode_speed is None
    later = Timed(300, 20, 1, 0.8, 3.0, 4.0)
    together = Round((answer, later), 5.0)
    assert together.total_speed == 6.0
    assert together.prefill_speed == 500.0  # both prompts until the last had begun


def test_a_repeated_prompt_has_no_prefill_speed() -> None:
    answered = Round((Timed(3_500, 16, 1, 0.04, 0.2, 0.2),), 0.2)
    measured = Measured(Scenario("again", "repeat", 16, 3_500), (answered,), (None,))
    assert measured.values()["prefill_tokens_per_second"] == []
    assert measured.values()["peak_memory_bytes"] == []
    assert measured.median("first_token_seconds") == 0.04
    assert spread_of([]) == NOTHING


def test_users_ask_at_the_same_time() -> None:
    waiting = threading.Barrier(3)

    class Together(ExtractiveEngine):
        """Answers only when three have asked."""

        def pieces(self, prompt: PreparedPrompt) -> Any:
            waiting.wait(timeout=30)
            return super().pieces(prompt)

    answered = ask_together(Together(), [prompt(number, 20) for number in range(1_000, 1_003)], 16)
    assert [answer.tokens > 0 for answer in answered.answers] == [True] * 3


class BesideLibrary(ExtractiveEngine):
    """Lets its library be driven alone: reading a text is all there is to it."""

    def render(self, messages: Sequence[ChatMessage], options: Options) -> str:
        return "\n".join(message.content or "" for message in messages if message.role == "user")

    def raw(self, prompt: str, max_tokens: int) -> Iterator[int]:
        for piece in self.pieces(self.prepare([ChatMessage(content=prompt)], max_tokens=max_tokens)):
            yield piece.tokens


def test_an_engine_is_compared_with_its_library_where_that_can_be_driven() -> None:
    assert wrapped_over_raw(ExtractiveEngine(), prompt(1_000, 20), 3, 16) == ()
    pairs = wrapped_over_raw(BesideLibrary(), prompt(1_000, 20), 3, 16)
    assert len(pairs) == 3
    assert all(pair.time > 0 for pair in pairs)


def test_the_report_has_the_promised_form(plain_settings: Settings) -> None:
    report = bench_engine(plain_settings, SMALL)
    values = document(report, report.setting, "docmind bench engine", this_machine())
    check_form(json.loads(json.dumps(values)))
    assert values["engine"] == "extractive"
    assert values["overhead"]["wrapped_over_raw"] == NOTHING
    assert by_name(report)["engine over its bare library, time of a token"].value is None
    scenario = {each["name"]: each for each in values["scenarios"]}
    assert scenario["users 3"]["users"] == 3
    assert scenario["users 3"]["decode_tokens_per_second"]["n"] == 6  # three users, two runs
    assert scenario["users 3"]["total_tokens_per_second"]["n"] == 2
    assert scenario["prefill 8,192"]["prompt_tokens"]["median"] == pytest.approx(8_192, rel=0.01)
    assert scenario["the same prompt again"]["prefill_tokens_per_second"] == NOTHING
    assert scenario["long answer"]["peak_memory_bytes"]["median"] > 1 << 20
    shown = table(report, report.setting, "docmind bench engine")
    assert "from cache" in shown
    assert "19 of 128" in shown  # an answer that ended early says so


def test_the_report_draws_its_plots(plain_settings: Settings, tmp_path: Path) -> None:
    report = bench_engine(plain_settings, SMALL)
    assert len(report.plots) == 3
    for number, plot in enumerate(report.plots):
        draw(plot, tmp_path / f"{number}.png")
        assert (tmp_path / f"{number}.png").read_bytes()[:4] == b"\x89PNG"


class ShortReader(ExtractiveEngine):
    """Reads shorter prompts than its window, as an NPU does."""

    def check_window(self, prompt_tokens: int, options: Options) -> None:
        super().check_window(prompt_tokens, options)
        if prompt_tokens > 4_096:
            raise ContextWindowError("too long")


def test_a_prompt_that_is_refused_leaves_only_its_figures_out() -> None:
    engine = ShortReader()
    measured = measure(engine, NO_GAUGE, Plan(runs=1, users=(1,)))
    unmeasured = {each.scenario.name for each in measured if not each.rounds}
    assert unmeasured == {"context-heavy", "prefill 8,192", "prefill 16,384", "prefill 30,720"}
    choice = Choice("extractive", "none", None, 0, "f16", "CPU", "")
    report = engine_report(Opened.of(engine, choice, NO_GAUGE), measured, ())
    assert by_name(report)["prefill of 16,384 tokens"].value is None
    assert "not measured" in table(report, report.setting, "docmind bench engine")
    check_form(document(report, report.setting, "", this_machine()))


def test_a_server_has_no_memory_of_ours() -> None:
    gauge = gauge_of((), elsewhere=True)
    with watched(gauge) as peak:
        pass
    assert peak.bytes is None
    assert gauge.of.startswith("not measured")


def test_memory_that_was_freed_again_is_seen() -> None:
    quick = gauge_of((), elsewhere=False)
    with watched(Gauge(quick.of, on_card=False, read=quick.read, pause=0.001)) as peak:
        before = quick.read() or 0
        block = bytearray(b"x") * (200 << 20)
        threading.Event().wait(0.2)
        del block
    assert (peak.bytes or 0) - before > 150 << 20


def test_a_card_is_measured_by_what_it_holds_more_than_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # nvidia-smi's own output for two cards, from a program of its name.
    program = tmp_path / "nvidia-smi"
    program.write_text(f"#!/bin/sh\nexec cat {tmp_path}/used\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    (tmp_path / "used").write_text("700\n100\n", encoding="utf-8")
    before = cards_used()
    assert before == (700 << 20, 100 << 20)
    assert not gauge_of(before, elsewhere=False).on_card  # nothing was loaded there
    (tmp_path / "used").write_text("710\n9100\n", encoding="utf-8")
    gauge = gauge_of(before, elsewhere=False)
    assert gauge.on_card
    assert gauge.read() == 9_000 << 20
    (tmp_path / "used").write_text("[N/A]\n", encoding="utf-8")
    assert gauge.read() is None


def qwen_on_a_card(device: str) -> dict[str, Figure]:
    """A report of made-up measurements: 1,000 tokens read in a second, then 300 a second; 120K in nine seconds."""
    (model,) = (model for model in known_models() if model.name.lower() == "qwen3-4b-instruct-2507-fp8")
    gauge = Gauge("the card's", on_card=True, read=lambda: None, pause=1.0)
    choice = Choice("vllm", model.name, None, 131_072, "fp8", "cuda", "")
    opened = Opened("vllm", model.name, device, 131_072, 8, "", choice, gauge)
    writing = Round((Timed(1_000, 301, 1, 1.0, 2.0, 2.0),), 2.0)
    reading = Round((Timed(122_880, 16, 1, 9.0, 9.1, 9.1),), 9.1)
    measured = (
        Measured(Scenario("long answer", "answer", 512), (writing,), (15 << 30,)),
        Measured(Scenario("prefill 122,880", "prefill", 16, 122_880), (reading,), (None,)),
        Measured(Scenario("the same prompt again", "repeat", 16, 3_500), (), ()),
    )
    return by_name(engine_report(opened, measured, [Pair(1.02, None)]))


def test_a_card_is_set_beside_its_limits() -> None:
    figures = qwen_on_a_card("NVIDIA H200")
    assert figures["memory of the card, at most"].value == 15
    assert figures["memory of the card, at most"].reached is True
    # 2 x 36 layers x 8 heads x 128 numbers x 131,072 tokens, one byte each.
    assert figures["KV cache of 131,072 tokens"].value == 9
    share = figures["decode over the limit of the card's memory, long answer"]
    assert share.value == pytest.approx(
        300 * (figures["weights, by the model's files"].value or 0) * 2**30 / 4.8e12, 0.03
    )
    assert share.reached is False
    # By hand: 2 x 4.02e9 x 122,880 / 1,979e12 and 2 x 36 x 32 x 128 x 122,880^2 / 989.5e12.
    assert figures["the arithmetic limit of that"].value == pytest.approx(0.4995 + 4.5003, rel=1e-3)
    assert figures["reading 122,880 tokens"].value == 9.0
    assert figures["engine over its bare library, time of a token"].reached is True


def test_nothing_is_stated_for_a_card_that_is_not_known() -> None:
    figures = qwen_on_a_card("NVIDIA Something New")
    assert figures["share of the card's limits"].value is None
    assert "not known" in figures["share of the card's limits"].note
    assert "the arithmetic limit of that" not in figures


def test_limits_follow_their_formulas() -> None:
    card = card_named("NVIDIA L4")
    assert card is not None
    assert decode_limit(card, 2_000_000_000, 1_000_000_000) == pytest.approx(100)  # 300 GB/s over 3 GB a token
    facts = next(model.facts for model in known_models() if model.starter and model.facts)
    # 16-bit arithmetic for weights that are not FP8; 30 layers of 9 heads of 64.
    assert prefill_limit(card, facts, 1_000_000, 1_000) == pytest.approx((2e9 + 2 * 30 * 9 * 64 * 1e6) / 121e12)
    assert card_named("a stranger") is None


def test_a_report_is_shown_beside_an_earlier_one(plain_settings: Settings, tmp_path: Path) -> None:
    report = bench_engine(plain_settings, quick_plan(runs=1, users=(1,)))
    values = document(report, report.setting, "", this_machine())
    path = tmp_path / "before.json"
    path.write_text(json.dumps(values), encoding="utf-8")
    shown = comparison(values, earlier_report(path))
    assert "beside none in extractive" in shown
    assert shown.count("\n") == 2 + len(values["scenarios"])


@pytest.mark.parametrize("content", ["", "[]", '{"reports": []}', '{"scenarios": [{"name": "x"}]}'])
def test_a_file_that_is_no_report_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "before.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError, match="--against"):
        earlier_report(path)


def test_the_command_measures_the_starter_model_and_speaks_one_document(models_dir: Path, tmp_path: Path) -> None:
    variables = {"DOCMIND_DATA_DIR": str(tmp_path / "unused"), "DOCMIND_MODELS_DIR": str(models_dir)}
    asked = "--engine openvino --model smollm2-135m-instruct --runs 1 --users 1 --users 3 --quick"
    done = subprocess.run(
        [sys.executable, "-m", "docmind.cli.main", "bench", "engine", *asked.split(), "--json", "--out", str(tmp_path)],
        env=process_environment(**variables), capture_output=True, text=True, check=True, timeout=280,
    )  # fmt: skip
    values = json.loads(done.stdout)
    check_form(values)
    assert values["engine"] == "openvino"
    assert values["model"] == "smollm2-135m-instruct"
    assert values["command"] == f"docmind bench engine {asked}"
    scenario = {each["name"]: each for each in values["scenarios"]}
    for name, tokens in (("short answer", 32), ("medium answer", 128), ("long answer", 192), ("users 3", 48)):
        assert scenario[name]["completion_tokens"]["median"] == tokens  # even this model counts on until it is stopped
        assert scenario[name]["decode_tokens_per_second"]["n"] == scenario[name]["users"]
    assert scenario["prefill 2,048"]["prompt_tokens"]["median"] == pytest.approx(2_048, rel=0.01)
    assert scenario["short answer"]["peak_memory_bytes"]["median"] > 100 << 20
    assert values["overhead"]["wrapped_over_raw"]["n"] == 3
    assert (tmp_path / "engine-openvino-3.png").is_file()
    assert not (tmp_path / "unused").exists()
