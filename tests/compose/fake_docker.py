"""Stands for the docker program: notes each call and answers from a file, which starting and stopping change.

It is started many times, so it imports little.
"""
# ruff: noqa: PTH123

import fcntl
import json
import os
import sys

FOLDER = os.environ["FAKE_DOCKER"]
STATE = f"{FOLDER}/state.json"


def main(words: list[str]) -> int:
    with open(STATE) as file:
        state = json.load(file)
    given = sys.stdin.read() if "exec" in words else ""
    known = {name: os.environ[name] for name in ("COMPOSE_PROJECT_NAME", "COMPOSE_PROFILES", "EXECUTOR", "WORKERS")}
    with open(f"{FOLDER}/calls", "a") as calls:
        calls.write(json.dumps({"words": words, "given": given, "settings": known}) + "\n")
    words = [word for word in words if word not in ("--progress", "plain")]
    status = compose(words[1:], state) if words[0] == "compose" else engine(words, state)
    with open(STATE, "w") as file:
        json.dump(state, file)
    return status


def engine(words: list[str], state: dict) -> int:
    match words:
        case ["info", *_]:
            print(json.dumps(state["info"]))
            print(state["engine_says"], file=sys.stderr)
            return 0 if "ServerVersion" in state["info"] else 1
        case ["ps", *_]:
            print("\n".join(one["Id"] for one in state["containers"]))
        case ["inspect", *_]:
            print(json.dumps(state["containers"]))
            if state["frames"]:  # the next look shows the next picture
                state["containers"] = state["frames"].pop(0)
        case ["volume", "ls", *_]:
            project = words[-1].rpartition("=")[2]
            print("\n".join(name for name in state["volumes"] if name.startswith(f"{project}_")))
        case ["volume", "rm", *names]:
            state["volumes"] = [name for name in state["volumes"] if name not in names]
        case ["image", "inspect", _, _, *names]:
            return 0 if set(names) <= set(state["images"]) else 1
    return 0


def compose(words: list[str], state: dict) -> int:
    match words:
        case ["version", *_]:
            print(state["compose"])
            return 0 if state["compose"] else 1
        case ["config", *_]:
            if state["config_says"]:
                print(state["config_says"], file=sys.stderr)
                return 1
            print(json.dumps({"services": state["services"]}))
        case ["pull", *_]:
            print(state["pull_says"])
            return 1 if state["pull_says"] else 0
        case ["build", *_]:
            print(state["build_says"])
            return 1 if state["build_says"] else 0
        case ["up", *_]:
            state["containers"], state["frames"] = state["started"][0], state["started"][1:]
            print(state["up_says"])
            return 1 if state["up_says"] else 0
        case ["logs", *rest]:
            print(state["logs"].get(rest[-1], ""))
        case ["down", *rest]:
            state["containers"] = []
            if "--volumes" in rest:
                state["volumes"] = []
        case ["exec", *_]:
            print(state["exec_says"].pop(0))
        case ["ps", *_]:
            print("SERVICE STATUS PORTS")
    return 0


if __name__ == "__main__":
    with open(f"{FOLDER}/lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one at a time: a start and a look at it run side by side
        sys.exit(main(sys.argv[1:]))
