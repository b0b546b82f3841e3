"""Builds the platform's image and pulls the others, before anything is started."""

import time
from pathlib import Path

from compose.launch.command import IMAGES
from compose.launch.containers.run_docker import Docker, end_program
from compose.launch.containers.stack import Container, Plan
from compose.launch.settings.read_settings import Settings
from compose.launch.terminal import Progress, StopError, last_lines, quote


def provide_images(docker: Docker, settings: Settings, plan: Plan, log: Path) -> None:
    """Have every image on this machine; a build where nothing has changed takes a second."""
    own = settings["QUARTET_IMAGE"]
    images = {service.image for service in plan.values()}
    if is_built_here(own):
        images = (images - {own}) | {settings["PYTHON_IMAGE"]}
    if not has_image(docker, *images):
        for image in sorted(images):
            if not has_image(docker, image):
                _pull(docker, settings, image, log)
    if is_built_here(own):
        _build(docker, own, log)


def is_built_here(image: str) -> bool:
    """Say whether an image is our own build; any other tag is one that a registry has.

    >>> is_built_here("quartet:local"), is_built_here("registry.example/quartet:1.2")
    (True, False)
    """
    return image.endswith(":local")


def has_image(docker: Docker, *images: str) -> bool:
    """Say whether all are on this machine."""
    return docker.ask("image", "inspect", "--format", "{{.Id}}", *images).returncode == 0


def remove_extras(docker: Docker, plan: Plan, containers: list[Container]) -> None:
    """Stop what is switched off with the patience that each has for its tasks; Compose itself lets it run on."""
    extras = [one for one in containers if one.service not in plan]
    if not extras:
        return
    names = ", ".join(sorted({one.service for one in extras}))
    progress = Progress()
    progress.show(f"stopping {names}")
    ids = [one.id for one in extras]
    done = docker.ask("stop", *ids, seconds=120)
    if done.returncode == 0:
        done = docker.ask("rm", "--force", *ids)
    progress.show("")
    if done.returncode:
        raise StopError(f"{names} can't be stopped: {' '.join(last_lines(done.stderr, 2))}", status=1)
    progress.tell(f"{names} removed after {progress.seconds} s")


def _pull(docker: Docker, settings: Settings, image: str, log: Path) -> None:
    status, seconds = _run(docker, ["pull", "--quiet", image], log, f"pulling {image}")
    if status:
        key = next((key for key in IMAGES if settings[key] == image), "")
        raise StopError(
            f"The image {image} can't be pulled: {_last_line(log)[:300]}",
            f"Mend the network (proxy, login), or name another image in the line {key}= in .env.",
            status=1,
        )
    Progress().tell(f"{image} pulled in {seconds} s")


def _build(docker: Docker, image: str, log: Path) -> None:
    status, seconds = _run(docker, ["compose", "build"], log, f"building {image}")
    if status:
        raise StopError(
            f"The image {image} can't be built. The last lines of {log}:",
            *quote(log.read_text(encoding="utf-8", errors="replace")),
            "Nothing was started; mend the cause and type  make up  again.",
            status=1,
        )
    if seconds > 2:
        Progress().tell(f"{image} built in {seconds} s")


def _run(docker: Docker, arguments: list[str], log: Path, doing: str) -> tuple[int, int]:
    """Run to the end with one moving line; answers with the status and the seconds."""
    progress = Progress()
    with log.open("wb") as output:
        process = docker.begin(*arguments, output=output)
    try:
        while process.poll() is None:
            if progress.seconds >= 2:
                progress.show(f"{doing}: {_last_line(log)}")
            time.sleep(0.1)
    finally:
        end_program(process)
        progress.show("")
    return process.returncode, progress.seconds


def _last_line(log: Path) -> str:
    return "".join(last_lines(log.read_text(encoding="utf-8", errors="replace"), 1))
