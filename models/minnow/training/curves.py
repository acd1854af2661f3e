"""Pictures of a run's log: `python curves.py RUN FOLDER` writes loss.svg and skills.svg."""
import argparse
import json
import os

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402

# The same log gives the same bytes.
matplotlib.rcParams.update({"svg.hashsalt": "minnow", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False})


def read(run):
    """Log lines by step; a run that went back to an earlier state overwrites what it did before."""
    by_step = {}
    with open(os.path.join(run, "log.jsonl"), encoding="utf-8") as f:
        for line in map(json.loads, f):
            by_step = {step: old for step, old in by_step.items() if step < line["step"]}
            by_step[line["step"]] = line
    return list(by_step.values())


def save(figure, path, title):
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None, "Title": title})
    plt.close(figure)


def loss(lines, path):
    figure, axes = plt.subplots(figsize=(7, 3.5))
    tokens = [line["tokens"] / 1e6 for line in lines]
    for key, label in (("loss", "loss"), ("mtp", "loss of the MTP block")):
        axes.plot(tokens, [line.get(key) for line in lines], label=label, linewidth=1)
    axes.plot(tokens, [1 - line["accuracy"] for line in lines], label="answer tokens wrong", linewidth=1)
    axes.set(yscale="log", xlabel="million tokens", ylabel="mean over some 20 steps")
    axes.legend(frameon=False)
    save(figure, path, "Loss while Minnow trains, by tokens seen")


def skills(lines, path):
    lines = [line for line in lines if "checks" in line]
    if not lines:
        return
    names = sorted({name for line in lines for name in line["checks"]})
    columns = 4
    figure, grid = plt.subplots(-(-len(names) // columns), columns, figsize=(10, 1.7 * -(-len(names) // columns)), sharex=True, sharey=True, squeeze=False)
    for axes, name in zip(grid.flat, names):
        for key, value in (("thinking", 0), ("at once", 1)):
            points = [(line["tokens"] / 1e6, line["checks"][name][value]) for line in lines if name in line["checks"]]
            points = [(x, y) for x, y in points if y is not None]
            if points:
                axes.plot(*zip(*points), label=key, linewidth=1)
        axes.set_title(name, fontsize=9)
        axes.set_ylim(0, 1.02)
    for axes in list(grid.flat)[len(names):]:
        axes.axis("off")
    grid.flat[0].legend(frameon=False)
    figure.supxlabel("million tokens")
    figure.supylabel("held-out answers entirely right")
    save(figure, path, "Held-out answers entirely right while Minnow trains, by skill")


def draw(run, folder):
    os.makedirs(folder, exist_ok=True)
    lines = read(run)
    loss(lines, os.path.join(folder, "loss.svg"))
    skills(lines, os.path.join(folder, "skills.svg"))


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("run")
    ap.add_argument("folder")
    args = ap.parse_args()
    draw(args.run, args.folder)


if __name__ == "__main__":
    main()
