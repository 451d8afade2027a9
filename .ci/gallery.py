"""Draws the pictures of the README anew, into lessons/pictures, `make gallery` (half a minute). The
picture on its top is lesson 08's. Imports minigrad, viz, and playwright for the page."""

from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory

import numpy as np
from playwright.sync_api import sync_playwright

import minigrad as mg
import viz
from minigrad import data, nn, optim
from viz.zoo import build

PICTURES = Path(__file__).resolve().parent.parent / "lessons" / "pictures"
UPDATES, LETTERS = 600, 5


def save(name: str, picture: viz.Picture) -> None:
    (PICTURES / f"{name}.svg").write_text(picture.svg(), encoding="utf-8")
    print(name)


def zoo(name: str, steps: int, view: str, title: str, truncate: int | None = None) -> viz.Picture:
    loss, net = build(name, steps, truncate=truncate)
    target = viz.itemise(net.losses, net) if view == "itemised" else loss if view == "folded" else viz.record(loss, net)
    return viz.draw(target, net, view, title=title)


def fading() -> viz.Picture:
    """One loss, after 60 steps, in three nets that nobody trained."""
    records = {}
    for name, layer in {"RNN": nn.RNN(8, 16), "GRU": nn.GRU(8, 16), "LSTM with forget bias 3": nn.LSTM(8, 16)}.items():
        if isinstance(layer, nn.LSTM):
            layer.cells[0].bias_ih.data[16:32] += 3
        output, _ = layer(np.random.default_rng(0).normal(size=(60, 4, 8)))
        records[name] = viz.record(mg.cross_entropy(nn.Linear(16, 5)(output[-1]), np.zeros(4, int)))
    return viz.draw(records, view="heat", title="What reaches the past of a loss at the last step")


def attending() -> viz.Picture:
    """A net that has learned to write words backwards, at one of them."""
    rng, letters = np.random.default_rng(0), "abcdefgh"
    vocab, source_vocab = data.CharVocab(letters, ends=True), data.CharVocab(letters)
    net = nn.encoder_decoder(len(source_vocab), len(vocab), 16, 32, cell="gru", attention="additive")
    optimizer = optim.Adam(net, lr=0.01)

    def loss_of(words: list[str]) -> mg.Tensor:
        pairs = data.Pairs(words, [word[::-1] for word in words])
        source, lengths, target, wanted = data.encode_pairs(pairs, source_vocab, vocab)
        return mg.cross_entropy(net(source, target, lengths), wanted)

    for _ in range(UPDATES):
        optimizer.zero_grad()
        loss = loss_of(["".join(rng.choice(list(letters), LETTERS)) for _ in range(32)])
        loss.backward()
        optim.clip_grad_norm(net.parameters(), 1.0)
        optimizer.step()
    return viz.draw(loss_of(["abcde"]), net, title="Attention: a net that writes words backwards")


def page(name: str) -> None:
    """A look at the page that plays an LSTM, half way back."""
    loss, net = build("lstm", 10)
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = viz.draw(viz.record(loss, net), net, title="LSTM, 10 steps").save(Path(folder) / "lstm.html")
        browser = playwright.chromium.launch(executable_path=which("chromium") or which("chromium-browser"))
        window = browser.new_page(viewport={"width": 1440, "height": 810})
        window.goto(f"{path.as_uri()}#step=330&heat=1")
        window.screenshot(path=PICTURES / f"{name}.png")
    print(name)


if __name__ == "__main__":
    mg.manual_seed(0)
    save("lstm_ops", zoo("lstm", 3, "ops", "LSTM, every op of 3 steps — backward pass"))
    save("lstm_cells", zoo("lstm", 8, "cells", "LSTM, 8 steps — backward pass"))
    save("lstm_folded", zoo("lstm", 30, "folded", "LSTM — the circuit"))
    save("rnn_itemised", zoo("rnn", 24, "itemised", "Truncated after 8 steps: which loss reaches which state?", 8))
    save("trees", zoo("trees", 4, "cells", "A batch of trees — backward pass"))
    save("heat", fading())
    save("attention", attending())
    page("lstm_page")
