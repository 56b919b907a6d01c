"""NeMo Gym: `reset` and `step` over HTTP, in the form of its Gymnasium resources servers.

    uvicorn --factory codefrontier.envs.adapters.nemo_gym:app --host 127.0.0.1

The requests and replies are those of `resources_servers/gymnasium` of NeMo Gym, read at its version 0.5; the
library itself is not used: it wants Python 3.13 and services of its own around each server. A session is a
cookie, set by `/reset`. The text of the messages and the function calls of a response are the action. A
stopped client's session is closed after `idle_s`. Nothing is scored after the fact: the verdict comes from
`/step`, so `/verify` does not exist. When infrastructure fails `truncated` is true, `reward` a placeholder
and `info["reward_valid"]` False.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from fastapi import FastAPI, HTTPException, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from ...judge import JudgeError
from .session import Session

COOKIE = "codefrontier_session"
MAX_SESSIONS = 256


class ResetRequest(BaseModel):
    """What begins an episode; other keys are those of the dataset's row."""

    model_config = ConfigDict(extra="allow")

    responses_create_params: dict[str, Any] = Field(default_factory=dict)
    problem_id: str | None = None
    seed: int | None = None


class ResetReply(BaseModel):
    """The first observation."""

    observation: str | None
    info: dict[str, Any]


class StepRequest(BaseModel):
    """What the model answered, as a response of the Responses protocol."""

    model_config = ConfigDict(extra="allow")

    responses_create_params: dict[str, Any] = Field(default_factory=dict)
    response: dict[str, Any]


class StepReply(BaseModel):
    """What a step gave."""

    observation: str | None
    reward: float
    terminated: bool
    truncated: bool
    info: dict[str, Any]


@dataclass(kw_only=True)
class _Seat:
    """A session of the server."""

    session: Session
    used: float = field(default_factory=time.monotonic)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Seats:
    """The sessions of a server, each with an environment of its own.

    Args:
        env_id: Id of the environments.
        idle_s: A session that is not used for so long is closed.
        keywords: Of the environments.
    """

    def __init__(self, env_id: str, *, idle_s: float, **keywords: Any) -> None:
        self._env_id = env_id
        self._idle_s = idle_s
        self._keywords = keywords
        self._seats: dict[str, _Seat] = {}

    async def reset(self, name: str | None, body: ResetRequest) -> tuple[str, ResetReply]:
        """Begin an episode, in a new session unless the client has one."""
        await self._close_idle()
        if name is None or name not in self._seats:
            if len(self._seats) >= MAX_SESSIONS:
                raise HTTPException(503, f"there are {MAX_SESSIONS} sessions already")
            session = await asyncio.to_thread(Session, self._env_id, **self._keywords)
            name = uuid4().hex
            self._seats[name] = _Seat(session=session)
        seat = self._seats[name]
        async with seat.lock:
            try:
                text = await asyncio.to_thread(seat.session.reset, problem=body.problem_id, seed=body.seed)
            except ValueError as error:
                raise HTTPException(422, str(error)) from error
            except JudgeError as error:
                raise HTTPException(503, f"{type(error).__name__}: {error}") from error
            seat.used = time.monotonic()
            return name, ResetReply(observation=text, info=seat.session.info)

    async def step(self, name: str | None, body: StepRequest) -> StepReply:
        """Take an action; the session is closed with its episode."""
        if name is None or name not in self._seats:
            raise HTTPException(409, "there is no session: call /reset first")
        seat = self._seats[name]
        async with seat.lock:
            session = seat.session
            if session.over:
                raise HTTPException(409, "the episode is over: call /reset")
            reward = await asyncio.to_thread(session.step, action_of(body.response))
            seat.used = time.monotonic()
            truncated = session.over and not session.valid
            reply = StepReply(
                observation=session.observation,
                reward=reward,
                terminated=session.over and not truncated,
                truncated=truncated,
                info=session.info,
            )
        if session.over:
            await self._close(name)
        return reply

    async def close(self) -> None:
        """Close every session."""
        for name in list(self._seats):
            await self._close(name)

    async def _close_idle(self) -> None:
        limit = time.monotonic() - self._idle_s
        for name in [name for name, seat in self._seats.items() if seat.used < limit]:
            await self._close(name)

    async def _close(self, name: str) -> None:
        seat = self._seats.pop(name, None)
        if seat is not None:
            await asyncio.to_thread(seat.session.close)


def action_of(response: dict[str, Any]) -> str:
    """Return the action that a response holds: its only function call as JSON, or else its text."""
    output = response.get("output") or []
    calls = [item for item in output if item.get("type") == "function_call"]
    if len(calls) == 1:
        return _tool_call(calls[0])
    if calls:
        return "\n".join(f"<tool_call>{_tool_call(call)}</tool_call>" for call in calls)
    return "".join(_text(item) for item in output if item.get("type") == "message")


def _tool_call(call: dict[str, Any]) -> str:
    """Write a function call as an action; its arguments are JSON text, and stay text where they are not."""
    arguments = call["arguments"]
    with suppress(ValueError, TypeError):
        arguments = json.loads(arguments)
    return json.dumps({"name": call["name"], "arguments": arguments})


def _text(message: dict[str, Any]) -> str:
    content = message.get("content", "")
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content if part.get("type") == "output_text")


def app(env_id: str = "Classics-tool", *, idle_s: float = 3600.0, **keywords: Any) -> FastAPI:
    """Return the application that serves an environment to many sessions."""
    seats = Seats(env_id, idle_s=idle_s, **keywords)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        await seats.close()

    application = FastAPI(title=f"{env_id} for NeMo Gym", lifespan=lifespan)

    @application.post("/reset")
    async def reset(body: ResetRequest, request: Request, response: Response) -> ResetReply:
        name, reply = await seats.reset(request.cookies.get(COOKIE), body)
        response.set_cookie(COOKIE, name, httponly=True)
        return reply

    @application.post("/step")
    async def step(body: StepRequest, request: Request) -> StepReply:
        return await seats.step(request.cookies.get(COOKIE), body)

    return application
