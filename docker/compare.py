"""Measures the images against plain ones of the same source, in turn, and prints a table. `./run images --compare` calls it
with a stack of its own up; every figure is the median of RUNS, its ratio that of the two medians.
"""

import gzip
import io
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.request

RUNS = 7
IDLE_SECONDS = 20
DOCKER = os.environ["DOCKER"]

# What a first try looks like: the distribution's runtime and the application on top.
PLAIN = {
    "api": """\
FROM {base}
RUN apt-get update && mkdir -p /usr/share/man/man1 && apt-get install --yes --no-install-recommends openjdk-25-jre
COPY --from={builder} /project/sample-api/target/*.jar /app/api.jar
USER 1001:1001
ENTRYPOINT ["java", "-jar", "/app/api.jar"]
""",
    "intelligence": """\
FROM {base}
RUN apt-get update && apt-get install --yes --no-install-recommends python3-venv python3-pip
COPY --from={builder} /opt/production /opt/production
COPY sample-intelligence/intelligence /app/intelligence
WORKDIR /app
USER 1001:1001
ENTRYPOINT ["/opt/production/bin/python", "-m", "intelligence"]
""",
}
# A line that ends up in the image: where, in place of what, and which.
CHANGE = {
    "api": (
        "sample-api/src/main/java/**/ApiApplication.java",
        "static void main",
        "static final long CHANGED = {}L; static void main",
    ),
    "intelligence": ("sample-intelligence/intelligence/app.py", "\n\n\n", "\n\n\nCHANGED = {}\n\n\n"),
}


def docker(*arguments: str, stdin: str | None = None, **environment: str) -> str:
    done = subprocess.run(
        [DOCKER, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"Failed: docker {' '.join(arguments)}\n{done.stderr[-2000:]}")
    return done.stdout.strip()


def base_image() -> str:
    """The environment wins over the file, as everywhere."""
    (named,) = re.findall("^DEBIAN_IMAGE=(.*)", pathlib.Path("docker/images.env").read_text(), re.MULTILINE)
    return os.environ.get("DEBIAN_IMAGE") or named


def build(service: str, tag: str, folder: str, *options: str) -> float:
    """Builds the service's image from a folder; returns the seconds that took."""
    start = time.monotonic()
    arguments = ["--set", f"{service}.tags={tag}", "--set", f"{service}.context={folder}", *options]
    docker("buildx", "bake", "--set", f"{service}.dockerfile={folder}/docker/Dockerfile.{service}", *arguments, service)
    return time.monotonic() - start


def size(image: str) -> tuple[float, float, float]:
    """Megabytes on disk, of it what is the AOT cache, and compressed as a registry has it."""
    layers = layer_sizes(image)
    cache = sum(megabytes for (_, megabytes, command) in layers if "/image/cache/" in command)
    packed = len(gzip.compress(save(image), compresslevel=6)) / 1e6
    return sum(megabytes for (_, megabytes, _) in layers), cache, packed


def save(image: str) -> bytes:
    return subprocess.run([DOCKER, "save", image], capture_output=True, check=True).stdout


def content(tar: tarfile.TarFile, name: str) -> bytes:
    file = tar.extractfile(name)
    if file is None:
        raise SystemExit(f"Expected a file {name} in the saved image, found a folder.")
    return file.read()


def layer_sizes(image: str) -> list[tuple[str, float, str]]:
    """Digest, megabytes and instruction of each layer."""
    with tarfile.open(fileobj=io.BytesIO(save(image))) as tar:
        (manifest,) = json.loads(content(tar, "manifest.json"))
        config = json.loads(content(tar, manifest["Config"]))
        sizes = [tar.getmember(layer).size / 1e6 for layer in manifest["Layers"]]
    commands = [step["created_by"] for step in config["history"] if not step.get("empty_layer")]
    return list(zip(config["rootfs"]["diff_ids"], sizes, commands, strict=True))


def start(service: str, image: str) -> tuple[float, float]:
    """Seconds from `docker start` to the first ready answer, and megabytes in memory when idle."""
    variable = f"{service.upper()}_IMAGE"
    docker("compose", "up", "--no-start", "--no-deps", "--force-recreate", service, **{variable: image})
    container = docker("compose", "ps", "--all", "--quiet", service)
    begin = time.monotonic()
    docker("start", container)
    while not ready(service, container):
        if time.monotonic() - begin > 120:
            raise SystemExit(
                f"{image}: expected an answer on /ready within 120 s, found none:\n{docker('logs', container)}"
            )
        time.sleep(0.02)
    seconds = time.monotonic() - begin
    time.sleep(IDLE_SECONDS)
    used = docker("stats", "--no-stream", "--format", "{{.MemUsage}}", container).split("MiB")[0]
    docker("stop", container)
    return seconds, float(used)


def ready(service: str, container: str) -> bool:
    if service == "api":
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{os.environ['API_PORT']}/ready", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False
    return (
        "startup complete"
        in subprocess.run([DOCKER, "logs", container], capture_output=True, text=True, check=False).stdout
    )


def compare(service: str) -> None:
    image, builder, plain, changed = (f"{service}-compare:{tag}" for tag in ("ours", "builder", "plain", "changed"))
    with tempfile.TemporaryDirectory() as folder:
        for name in subprocess.check_output(["git", "ls-files"], text=True).splitlines():
            target = pathlib.Path(folder, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(name, target)
        print(f"Building {service} without a cache …", flush=True)
        cold = build(service, image, folder, "--no-cache")
        pattern, old, new = CHANGE[service]
        (file,) = pathlib.Path(folder).glob(pattern)
        # Another one each time: what was built before comes from the cache.
        file.write_text(file.read_text().replace(old, new.format(time.time_ns()), 1))
        warm = build(service, changed, folder)
        before = {digest for digest, _, _ in layer_sizes(image)}
        differing = [(mb, command) for digest, mb, command in layer_sizes(changed) if digest not in before]
        build(service, builder, ".", "--set", f"{service}.target={'builder' if service == 'api' else 'deps'}")
        recipe = PLAIN[service].format(base=base_image(), builder=builder)
        docker("buildx", "build", "--tag", plain, "--file", "-", ".", stdin=recipe)

    figures: dict[str, list[tuple[float, float]]] = {image: [], plain: []}
    for run in range(RUNS + 1):
        print(f"Starting {service}, {run} of {RUNS} …", flush=True)
        for tag, all_ in figures.items():
            measured = start(service, tag)
            # The first one of each reads its files from the disk.
            if run:
                all_.append(measured)
    ours, theirs = ([statistics.median(column) for column in zip(*figures[tag], strict=True)] for tag in (image, plain))
    (disk, cache, packed), (plain_disk, _, plain_packed) = size(image), size(plain)
    without_cache = sum(mb for mb, command in differing if "/image/cache/" not in command)
    print(f"""
| {service} | this image | plain image | ratio |
|---|---|---|---|
| on disk, without the AOT cache | {disk - cache:.0f} MB | {plain_disk:.0f} MB | {(disk - cache) / plain_disk:.2f} |
| AOT cache | {cache:.0f} MB | | |
| compressed, cache included | {packed:.0f} MB | {plain_packed:.0f} MB | {packed / plain_packed:.2f} |
| start to ready | {ours[0]:.1f} s | {theirs[0]:.1f} s | {ours[0] / theirs[0]:.2f} |
| memory when idle | {ours[1]:.0f} MiB | {theirs[1]:.0f} MiB | {ours[1] / theirs[1]:.2f} |
| build after a one-line change (not plain: without a cache) | {warm:.0f} s | {cold:.0f} s | {warm / cold:.2f} |
| layers changed by it, without the AOT cache | {without_cache:.2f} MB | | |
""")


if __name__ == "__main__":
    for each in sys.argv[1:] or ("api", "intelligence"):
        try:
            compare(each)
        finally:
            docker("compose", "rm", "--force", "--stop", each)
            for left in docker("image", "ls", "--quiet", f"{each}-compare").split():
                docker("image", "rm", "--force", left)
