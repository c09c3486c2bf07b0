"""From a prompt to the answer of a language model, on this machine or of a provider: the pack `llm`.

A call needs two grants: the kind for the model (`llm.cloud:gpt-4o*`), and `net` for the host that is asked. Which host,
and which model where a program names none, is said by the policy's models `local` and `cloud`; a key is a secret that
the policy names there, and needs no grant of its own.
"""

from __future__ import annotations

from typing import Final

from vigyc.effects.agents.models import CLOUD, LOCAL, complete
from vigyc.effects.gate import Gate
from vigyc.effects.operation import Options
from vigyc.effects.pack import Pack

PACK: Final = Pack("llm", "Language models, on this machine and of providers.")

_OPTIONS: Final[dict[str, tuple[str, object]]] = {
    "model": ("str", ""),
    "system": ("str", ""),
    "max-tokens": ("int", None),
    "temperature": ("float", None),
    "timeout-ms": ("int", None),
}
_GIVEN: Final[Options] = {name: default for name, (_, default) in _OPTIONS.items()}


@PACK.effect(
    "llm-local", needs=(("llm.local", None),), result=True, changes=True, options=_OPTIONS,
    example='(llm-local "Say hello.")',
)  # fmt: skip
def llm_local(gate: Gate, prompt: str, options: Options = _GIVEN) -> object:
    """What a model on this machine answers: a map of `:text`, `:tokens` (of prompt and answer) and `:model`.

    Options: `:model`; `:system`, what the model is told before; `:max-tokens` of the answer; `:temperature`;
    `:timeout-ms`. It is asked as Ollama is, at the URL of the policy's model `local` (http://localhost:11434 and llama3
    unless it says otherwise). The tokens are taken from the budget, which also bounds the answer; where the server
    counts none, one for every 4 bytes. Since that costs, a dry run does not ask. Errors: `refused` (a status other than
    2xx), `decode`, and those of http-get.
    """
    return complete("llm-local", gate, LOCAL, prompt, options)


@PACK.effect(
    "llm-cloud", needs=(("llm.cloud", None),), result=True, changes=True, options=_OPTIONS,
    example='(llm-cloud "Say hello." (hash-map :model "gpt-4o-mini" :max-tokens 20))',
)  # fmt: skip
def llm_cloud(gate: Gate, prompt: str, options: Options = _GIVEN) -> object:
    """What a provider's model answers: as llm-local, but asked as OpenAI is, at the URL of the policy's model `cloud`.

    That is https://api.openai.com/v1 with gpt-4o-mini and the secret `openai` as its key, unless the policy says
    otherwise. The key needs no grant beside that; without it the error is `not-found`.
    """
    return complete("llm-cloud", gate, CLOUD, prompt, options)
