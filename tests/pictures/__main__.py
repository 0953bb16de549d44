"""`python -m tests.pictures`: draw the pictures of the README and the screens that are kept, and say what changed."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.pictures.fixed import make_shops
from tests.pictures.golden import REPOSITORY, all_kept, all_there, content_of, difference, kept_at
from tests.pictures.scenes import PICTURES, TEXTS, Scene, draw


def _redraw(scene: Scene, shops: Path, work: Path, *, write: bool) -> bool:
    """Draw a scene and keep it; say what changed, and return whether anything did."""
    picture = draw(scene, shops, work)
    path, now = kept_at(scene), content_of(scene, picture)
    kept = path.read_text(encoding="utf-8") if path.exists() else ""
    changed = difference(kept, now, picture)
    if changed:
        print(f"{path.relative_to(REPOSITORY)}\n{changed if kept else 'is new'}\n")
        if write:
            path.parent.mkdir(exist_ok=True)
            path.write_text(now, encoding="utf-8", newline="\n")
    return bool(changed)


def main(argv: Sequence[str]) -> int:
    """Draw all scenes or some of them; with `--check` 1 = something differs from what is kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.pictures", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these scenes")
    parser.add_argument("--check", action="store_true", help="only say what differs")
    options = parser.parse_args(argv)
    scenes = [scene for scene in (*PICTURES, *TEXTS) if not options.names or scene.name in options.names]
    with tempfile.TemporaryDirectory(prefix="tracker-pictures-") as place:
        shops = make_shops(Path(place))
        changed = sum(
            _redraw(scene, shops, Path(place) / f"copy-{number}", write=not options.check)
            for number, scene in enumerate(scenes)
        )
    for path in sorted(all_there() - all_kept()):
        print(f"{path.relative_to(REPOSITORY)}\nis of no scene\n")
        if not options.check:
            path.unlink()
    print(f"{len(scenes)} drawn, {changed} other than they were")
    return 1 if options.check and changed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
