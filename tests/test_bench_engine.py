"""The benchmark of engines measures what it says, in the form it promises, and states nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage

from benchmarks.overhead import counting_text, wrapped_over_raw
from benchmarks.plots import draw
from docmind.bench.engine import bench_engine, measure
from docmind.bench.engine_report import engine_report
from docmind.bench.machine import this_machine
from docmind.bench.memory_sampler import MemorySampler, cards_used, sampler_of
from docmind.bench.report import Figure, Report, document, table
from docmind.bench.results import Measured, spread_of
from docmind.bench.scenarios import Plan, Scenario, prompt_sizes, scenarios, words_for
from docmind.bench.timing import Pair, Round, ask_together
from docmind.engines import Options, PreparedPrompt
from docmind.engines.extractive import ExtractiveEngine
from docmind.engines.trial import Timed, prompt
from docmind.environment import process_environment
from docmind.errors import ContextWindowError
from docmind.models import Choice, starter_models
from docmind.settings import Settings

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
NO_SAMPLER = MemorySampler("not measured", on_card=False, read=lambda: None, pause=1.0)


QUOTING = Choice("extractive", "none", None, 0, "f16", "CPU", "")


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


def test_an_engine_is_compared_with_its_library() -> None:
    engine = ExtractiveEngine()
    asked: list[tuple[str, int]] = []

    def library(text: str, max_tokens: int) -> int:
        asked.append((text, max_tokens))
        return sum(
            piece.tokens for piece in engine.pieces(engine.prepare([ChatMessage(content=text)], max_tokens=max_tokens))
        )

    text = counting_text(1_000, 3)
    assert text == "1000\n1001\n1002\n"
    pairs = wrapped_over_raw(engine, library, text, 3, 16)
    assert asked == [(text, 16)] * 4  # one of them warms up
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
    measured = measure(engine, NO_SAMPLER, Plan(runs=1, users=(1,)))
    unmeasured = {each.scenario.name for each in measured if not each.rounds}
    assert unmeasured == {"context-heavy", "prefill 8,192", "prefill 16,384", "prefill 30,720"}
    report = engine_report(engine, QUOTING, NO_SAMPLER, measured, ())
    assert by_name(report)["prefill of 16,384 tokens"].value is None
    assert "not measured" in table(report, report.setting, "docmind bench engine")
    check_form(document(report, report.setting, "", this_machine()))


def test_a_server_has_no_memory_of_ours() -> None:
    sampler = sampler_of((), elsewhere=True)
    with sampler.sampling() as seen:
        pass
    assert seen == []
    assert sampler.of.startswith("not measured")


def test_memory_that_was_freed_again_is_seen() -> None:
    # In a process of its own: this one gives memory back meanwhile, and so do children that other tests have left.
    seen = subprocess.run(
        [sys.executable, "-c", _HOLDS_MEMORY_FOR_A_MOMENT], check=True, capture_output=True, text=True
    ).stdout
    assert int(seen) > 150 << 20


_HOLDS_MEMORY_FOR_A_MOMENT = """
from dataclasses import replace
from threading import Event
from docmind.bench.memory_sampler import sampler_of

quick = replace(sampler_of((), elsewhere=False), pause=0.001)
with quick.sampling() as seen:
    before = quick.read()
    block = bytearray(b"x") * (200 << 20)
    Event().wait(0.2)
    del block
print(max(seen) - before)
"""


def test_a_card_is_measured_by_what_it_holds_more_than_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # nvidia-smi's own output for two cards, from a program of its name.
    program = tmp_path / "nvidia-smi"
    program.write_text(f"#!/bin/sh\nexec cat {tmp_path}/used\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    (tmp_path / "used").write_text("One, 9.0, 10000, 9300\nTwo, 9.0, 10000, 9900\n", encoding="utf-8")
    before = cards_used()
    assert before == (700 << 20, 100 << 20)
    assert not sampler_of(before, elsewhere=False).on_card  # nothing was loaded there
    (tmp_path / "used").write_text("One, 9.0, 10000, 9290\nTwo, 9.0, 10000, 900\n", encoding="utf-8")
    sampler = sampler_of(before, elsewhere=False)
    assert sampler.on_card
    assert sampler.read() == 9_000 << 20
    (tmp_path / "used").write_text("One, 9.0, 10000, [N/A]\n", encoding="utf-8")
    assert sampler.read() is None


def test_the_memory_of_a_card_has_a_target_and_processors_targets_are_left_out() -> None:
    (model,) = (model for model in starter_models() if model.kind == "language")
    engine = ExtractiveEngine(engine_name="openvino", model_name=model.name)
    writing = Round((Timed(1_000, 301, 1, 1.0, 2.0, 2.0),), 2.0)
    measured = (
        Measured(Scenario("long answer", "answer", 512), (writing,), (15 << 30,)),
        Measured(Scenario("the same prompt again", "repeat", 16, 3_500), (), ()),
    )
    card = MemorySampler("the card's", on_card=True, read=lambda: None, pause=1.0)
    figures = by_name(engine_report(engine, QUOTING, card, measured, [Pair(1.02, None)]))
    assert figures["memory of the card, at most"].value == 15
    assert figures["memory of the card, at most"].reached is True
    assert figures["decode, long answer"].target is None
    assert figures["engine over its bare library, time of a token"].reached is True
    elsewhere = by_name(engine_report(engine, QUOTING, NO_SAMPLER, measured, ()))
    assert "memory of the card, at most" not in elsewhere
    assert elsewhere["decode, long answer"].target is not None
    assert elsewhere["engine over its bare library, time of a token"].value is None


@pytest.mark.slow
def test_the_command_measures_the_starter_model_and_speaks_one_document(models_dir: Path, tmp_path: Path) -> None:
    variables = {"DOCMIND_DATA_DIR": str(tmp_path / "unused"), "DOCMIND_MODELS_DIR": str(models_dir)}
    variables["DOCMIND_WINDOW"] = "2048"  # prompts grow with the window, and reading them is most of the work
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
    assert scenario["prefill 512"]["prompt_tokens"]["median"] == pytest.approx(512, rel=0.01)
    assert scenario["short answer"]["peak_memory_bytes"]["median"] > 100 << 20
    assert values["overhead"]["wrapped_over_raw"]["n"] == 3
    assert (tmp_path / "engine-openvino-3.png").is_file()
    assert not (tmp_path / "unused").exists()
