"""Builds the platform's image and pulls the others, before anything is started."""

import time
from pathlib import Path

from compose.launch.command import IMAGES
from compose.launch.containers.run_docker import Docker
from compose.launch.containers.stack import Plan
from compose.launch.settings.read_settings import Settings
from compose.launch.terminal import Progress, StopError, last_line, quote


def provide_images(docker: Docker, settings: Settings, plan: Plan, log: Path) -> None:
    """Have every image on this machine; a build where nothing has changed takes a second."""
    own = settings["QUARTET_IMAGE"]
    images = {service.image for service in plan.values()}
    if is_built_here(own):
        images = (images - {own}) | {settings["PYTHON_IMAGE"]}
    for image in () if has_image(docker, *images) else sorted(images):
        if not has_image(docker, image) and not _run(docker, ["pull", "--quiet", image], log, f"{image} pulled"):
            key = next((key for key in IMAGES if settings[key] == image), "")
            raise StopError(
                f"The image {image} can't be pulled: {last_line(_read(log))[:300]}",
                f"Mend the network (proxy, login), or name another image in the line {key}= in .env.",
                status=1,
            )
    if is_built_here(own) and not _run(docker, ["compose", "build"], log, f"{own} built"):
        raise StopError(
            f"The image {own} can't be built. The last lines of {log}:",
            *quote(_read(log)),
            "Nothing was started; mend the cause and type  make up  again.",
            status=1,
        )


def is_built_here(image: str) -> bool:
    """Say whether an image is our own build; any other tag is one that a registry has.

    >>> is_built_here("quartet:local"), is_built_here("registry.example/quartet:1.2")
    (True, False)
    """
    return image.endswith(":local")


def has_image(docker: Docker, *images: str) -> bool:
    """Say whether all are on this machine."""
    return docker.ask("image", "inspect", "--format", "{{.Id}}", *images).returncode == 0


def _run(docker: Docker, arguments: list[str], log: Path, what: str) -> bool:
    """Run to the end with one moving line; answers whether it went well."""
    progress = Progress()
    with docker.begin(*arguments, log=log) as process:
        while process.poll() is None:
            progress.show(f"{what}: {last_line(_read(log))}" if progress.seconds >= 2 else "")
            time.sleep(0.1)
    progress.show("")
    if process.returncode == 0 and progress.seconds > 2:
        progress.tell(f"{what} in {progress.seconds} s")
    return process.returncode == 0


def _read(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")
