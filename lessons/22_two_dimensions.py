"""22 Two dimensions: ReNet and pixel RNN
question: an image has no first pixel and no last; in which order should a recurrent net read it?
claim: two sweeps along the columns, and two along the rows of what these wrote, bring every pixel to every place; one
    net along the line of all pixels goes on with an image that breaks off, if it draws and does not take the likeliest
check: sweep_sees == 5 and cross_sees == 17 and conv_corners == 0 and renet_corners == 4 and known_off <= 0.03
    and wider_off <= 0.1 and carries >= 10 and forms >= 0.95 and relations >= 0.95 and conv_relations_off <= 0.12
    and line_forms_lag >= 0.3 and wide_forms_lost >= 0.15 and below_places >= 0.8 and below_neighbours >= 0.15
    and drawn_filled_off <= 0.12 and likeliest_waits >= 0.5
data: generated   seconds: 25   fast_seconds: 13
items: A4 A23 A29 D18 H3 O16   needs: 06 12 14 17 20
"""

# %% [markdown]
# # 22 Two dimensions: ReNet and pixel RNN
#
# A sentence begins on the left. And a photograph? All our nets so far read a *line*, one thing after the other.
# "RNNs can also be used for images", say two decks; but an image has no first pixel, and pixels that touch, one above
# the other, stand far apart in any line.
#
# The usual net for images is a convolution: one small net for every window (lesson 06). It has no order to worry about,
# and takes "a certain degree of variable inputs/outputs", since it goes over an image of any size. But it sees its
# window and nothing else. Today recurrent nets cross an image in four directions, you **see what they see**, by
# gradients, and at the end a net completes images of which the lower half is missing.

# %%
try:
    from lessons import kit
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing}: type `make lessons` once, then run lessons with .venv/bin/python") from None
import numpy as np

import minigrad as mg
import viz
from minigrad import nn, optim, train
from minigrad.data import shapes

lesson = kit.begin("22")
SIDE, AT, UNITS = 9, (4, 3), 8  # images of 9 x 9 pixels, and the place that is asked: row, column
FORMS = ("circle", "square", "triangle")
RGB = np.array([[0.1, 0.1, 0.1], [0.85, 0.2, 0.15], [0.1, 0.6, 0.35], [0.15, 0.4, 0.85], [0.8, 0.8, 0.8]])


def scenes(count, split):
    """Pictures (count, 3, 14, 14), which form the red shape has, and whether one is above the other."""
    images, captions = shapes(count, lesson.rng, 14, split, keep=lambda caption: caption.count("red") == 1)
    red = [FORMS.index(caption.split("red ")[1].split()[0]) for caption in captions]
    return images, np.array(red), np.array([" above " in caption for caption in captions]) * 1


def on_wide_sheets(images):
    """Each picture somewhere on a sheet that is four times as large."""
    sheets = np.zeros((len(images), 3, 28, 28), images.dtype)
    for sheet, image, (i, j) in zip(sheets, images, lesson.rng.integers(0, 15, (len(images), 2))):
        sheet[:, i : i + 14, j : j + 14] = image
    return sheets


def colours(count):
    """Pictures (count, 11, 11): 0 is black, 1 red, 2 green, 3 blue."""
    images = shapes(count, lesson.rng, 11, keep=lambda caption: " above " in caption).images
    return np.einsum("c,ncij->nij", [1, 2, 3], images).astype(int)


def flags(side):
    """All images with one flag, (162, 2, 9, 9) for side 9, first the red ones (channel 0), then the green; and what
    each pixel is to say."""
    pixels = side * side
    return np.eye(2 * pixels).reshape(-1, 2, side, side), np.repeat([0, 1], pixels * pixels).reshape(-1, side, side)


DEEP = {"cmap": "Blues", "vmin": -7, "vmax": 0, "ticks": [-6, -4, -2, 0]}


def powers(named):
    """The power of 10 of each number, where the largest is 1; white where it is exactly 0."""
    for name, seen in named.items():
        yield name, np.log10(seen / seen.max(), where=seen > 0, out=np.full(seen.shape, np.nan))


def tiles(axes, named, label=None, mark="", ticks=(0, 0.5, 1), **look):
    """Images side by side, with a scale when it has a label."""
    for ax, (name, image) in zip(np.ravel(axes), named):
        shown = ax.imshow(image, **look)
        if label:
            ax.plot(AT[1], AT[0], mark or "o", mfc="k" if mark else "none", mec="k" if mark else "#D55E00", ms=9, mew=2)
        ax.set(title=name, xticks=[], yticks=[])
    if label:
        ax.figure.colorbar(shown, ax=axes, label=label, ticks=ticks)


def neighbours(images):
    """The pixel before each and the pixel above it; 4 is outside."""
    around = np.pad(images, ((0, 0), (1, 0), (1, 0)), constant_values=4)
    return around[:, 1:, :-1], around[:, :-1, 1:]


def learn(loss_of, net, count, updates, batch, anneal=False):
    """Adam, `batch` of `count` examples at a time: loss_of(net, their numbers)."""
    optimizer, rng = optim.Adam(net, lr=0.02), np.random.default_rng(lesson.seed)
    schedule = optim.CosineLR(optimizer, updates, 0.001) if anneal else None
    train.fit(lambda some: loss_of(net, some), lambda: iter([rng.integers(0, count, batch)]), optimizer, updates,
              clip=1.0, schedule=schedule)


def swept(layer, lines):
    """Lines (steps, B, lines, F), side by side through a recurrent layer: (steps, B, lines, what it says)."""
    steps, batch, count, features = lines.shape
    y, _ = layer(mg.reshape(lines, (steps, batch * count, features)))
    return mg.reshape(y, (steps, batch, count, y.shape[-1]))


def turned(lines):
    """Rows for columns: (H, B, W, F) <-> (W, B, H, F)."""
    return mg.permute_dims(lines, (2, 1, 0, 3))


def columns_alone(layer):
    """Images (B, C, H, W) -> (B, features, H, W), each column for itself."""
    return lambda x: mg.permute_dims(swept(layer, mg.permute_dims(x, (2, 0, 3, 1))), (1, 3, 0, 2))


# %% [markdown]
# ## Four sweeps
#
# A column of pixels is a sequence, and so is a row. One net may read each column from top to bottom, all columns at
# once (`swept`: they are a batch); a second one from bottom to top; two more each row, to the right and to the left.
#
# > **The slide says:** ReNet: four RNNs (up, down, left, right), output $O_{ij}$.
#
# You can read this in two ways. **Side by side**: all four read the image, and $O_{ij}$ is what the four say at $(i,
# j)$. **One after the other**: two read the columns of the image, and then two read the rows *of what these have
# written*. Four nets, four directions, an output at each place, in both.

# %%
class Sweeps(nn.Module):
    """Images (B, C, H, W) -> (B, features, H, W)."""

    def __init__(self, channels, hidden, beside=False):
        self.vertical = nn.GRU(channels, hidden, bidirectional=True, unroll=False)
        self.horizontal = nn.GRU(channels if beside else 2 * hidden, hidden, bidirectional=True, unroll=False)
        self.beside = beside

    def forward(self, x):
        rows = mg.permute_dims(x, (2, 0, 3, 1))
        down_up = swept(self.vertical, rows)
        across = turned(swept(self.horizontal, turned(rows if self.beside else down_up)))
        return mg.permute_dims(mg.concat([down_up, across], axis=-1) if self.beside else across, (1, 3, 0, 2))


class PixelByPixel(nn.Module):
    """The image as one long sequence, row by row: (B, C, H, W) -> (B, hidden, H, W)."""

    def __init__(self, channels, hidden):
        self.line = nn.GRU(channels, hidden, unroll=False)

    def forward(self, x):
        batch, channels, high, wide = x.shape
        y, _ = self.line(mg.reshape(mg.permute_dims(x, (2, 3, 0, 1)), (high * wide, batch, channels)))
        return mg.permute_dims(mg.reshape(y, (high, wide, batch, y.shape[-1])), (2, 3, 0, 1))


with mg.default_dtype("float64"):
    renet, own, x = nn.ReNet(1, 3), Sweeps(1, 3), mg.Tensor(lesson.rng.normal(size=(1, 1, 5, 7)))
own.vertical, own.horizontal = renet.vertical, renet.horizontal
lesson.check("own_sweeps_are_renet", mg.max(mg.abs(own(x) - renet(x))), "<=", 1e-12)

# %% [markdown]
# `nn.ReNet` is the second one. In the picture it reads 3 x 3 pixels, and only $O_{22}$, in the middle, is asked.
# **Follow the colour back**, from the right: which steps of the two horizontal sweeps does it cross? Where does it come
# over to the vertical ones? And can it arrive at a corner of the image?

# %%
image = mg.Tensor(lesson.rng.normal(size=(1, 1, 3, 3)), name="image", requires_grad=True)
asked = mg.sum(nn.ReNet(1, 3, cell="RNN")(image)[0, :, 1, 1])
lesson.show("sweeps", viz.draw(viz.record(asked), view="cells", title="ReNet on 3 x 3 pixels, asked in the middle",
                               subtitle="dashed: exactly 0; a step holds three pixels side by side"))

# %% [markdown]
# ## What can one place see?
#
# Ask for the gradient of what a net says at *one* place with respect to *every* pixel. Where it is exactly zero, the
# pixel may be anything, and nothing changes there: it is not seen. The rest is the **receptive field**.
#
# Six nets that have learned nothing yet. **Predict** the six shapes, on a sheet of paper, for the place with the ring:
# a 3 x 3 convolution; one sweep, down; down and up; four side by side; one after the other; and pixel by pixel, row by
# row, like you read this text. How many of the 81 pixels does each of them see?

# %%
def field(net):
    """How much what the net says at AT depends on each pixel: (9, 9)."""
    x = mg.Tensor(lesson.rng.normal(size=(1, 1, SIDE, SIDE)), requires_grad=True)
    said = mg.sum(net(x)[0, :, AT[0], AT[1]])
    return np.abs(mg.grad(said, [x])[0].numpy()[0, 0])


six = {"3 x 3 convolution": nn.Conv2d(1, 8, 3, padding=1), "one sweep, down": columns_alone(nn.GRU(1, 4)),
       "down and up": columns_alone(nn.GRU(1, 4, bidirectional=True)), "four side by side": Sweeps(1, 4, beside=True),
       "one after the other": Sweeps(1, 4), "pixel by pixel": PixelByPixel(1, 8)}
fields = {name: field(net) for name, net in six.items()}
sees = {name: int((seen > 0).sum()) for name, seen in fields.items()}
corners = {name: int((seen[np.ix_([0, -1], [0, -1])] > 0).sum()) for name, seen in fields.items()}
lesson.plot("fields", lambda axes: tiles(axes, powers(fields), "log10 of gradient", **DEEP), (9, 5.6), nrows=2, ncols=3)
lesson.table(["net", "pixels seen, of 81", "corners seen"], [(name, sees[name], corners[name]) for name in six])
lesson.check("sweep_sees", sees["one sweep, down"], "==", AT[0] + 1)
lesson.check("cross_sees", sees["four side by side"], "==", 17)
lesson.check("conv_corners", corners["3 x 3 convolution"], "==", 0)
lesson.check("renet_corners", corners["one after the other"], "==", 4)

# %% [markdown]
# Did you draw the **cross**? Side by side, each sweep knows its own row or its own column, and nobody ever goes round a
# corner. One after the other, the rows are read from vectors that know their *whole column*: all 81. It is the same
# four nets; all that differs is what the second pair reads. (Two 3 x 3 convolutions would see 5 x 5. To bring one
# corner of this image to the opposite one takes eight.)
#
# The last one sees what has been read: the rows above, and the row so far. But look at its colours. The pixel *just
# above* the ring touches it, and in the line it is nine steps away; the far end of the row above is nearer than that.

# %% [markdown]
# ## Is it so when they have learned?
#
# A field says what a net *could* know. Let us ask what it does know. Somewhere on a black image stands a **flag**, one
# red or green pixel, and *every* pixel has to say its colour. There are 81 places and two colours, so 162 images: we
# train and test on all of them. There is nothing new to be met; the question is only what can be known where.
#
# A pixel that sees the flag can be right, always. One that does not gets the same numbers for a red flag and a green
# one, gives the same answer, and is right in exactly one of the two. So **before training you can compute** how often
# each net will be right: $\frac12 + \frac12\cdot$ (share of the pixels that are seen, averaged over all places; at the
# border a window sees less). **Predict** it for the three nets in the table. Then also for images of 13 x 13 pixels, on
# which the trained nets are tried without training again.

# %%
class Asked(nn.Module):
    """Reads the features of `body`: at each place, or the largest values of the whole image."""

    def __init__(self, body, width, answers, each_place):
        self.body, self.each_place, self.out = body, each_place, nn.Linear(width, answers)

    def forward(self, x):
        y = self.body(x)
        return self.out(mg.permute_dims(y, (0, 2, 3, 1)) if self.each_place else mg.max(y, axis=(2, 3)))


def chance_right(net, side):
    """For each place of the flag and each pixel: the chance of the true colour, for both colours (2, 81, 9, 9)."""
    with mg.no_grad():
        p = mg.softmax(net(mg.Tensor(flags(side)[0]))).numpy().reshape(2, -1, side, side, 2)
    return np.stack([p[0, ..., 0], p[1, ..., 1]])


def carried(net):
    """How much the colour of a flag at each pixel changes the features at AT (9, 9)."""
    with mg.no_grad():
        y = net.body(mg.Tensor(flags(SIDE)[0])).numpy()[:, :, AT[0], AT[1]].reshape(2, SIDE, SIDE, -1)
    return np.linalg.norm(y[0] - y[1], axis=-1)


# %%
mg.manual_seed(lesson.seed)
window = nn.Sequential(nn.Conv2d(2, 2 * UNITS, 3, padding=1), mg.relu)
trio = {"3 x 3 convolution": Asked(window, 2 * UNITS, 2, True),
        "side by side": Asked(Sweeps(2, UNITS, beside=True), 4 * UNITS, 2, True),
        "one after the other": Asked(Sweeps(2, UNITS), 2 * UNITS, 2, True)}
seen = {"3 x 3 convolution": lambda n: ((3 * n - 2) / n**2) ** 2, "side by side": lambda n: (2 * n - 1) / n**2,
        "one after the other": lambda n: 1}  # the share of an image of n x n that is seen
untrained = carried(trio["one after the other"])
(x, green), rows, off = flags(SIDE), [], {SIDE: [], 13: []}
for name, net in trio.items():
    learn(lambda net, some: mg.cross_entropy(net(mg.Tensor(x[some])), green[some]), net, 162, lesson.pick(200, 120), 8)
    rows.append([name])
    for n in off:
        rows[-1] += [(1 + seen[name](n)) / 2, (chance_right(net, n) > 0.5).mean()]
        off[n].append(abs(rows[-1][-1] - rows[-1][-2]))
lesson.table(["net", "9 x 9, computed", "measured", "13 x 13, computed", "measured"], rows)
lesson.check("known_off", off[SIDE], "<=", 0.03)
lesson.check("wider_off", off[13], "<=", 0.1)


knows = {name: chance_right(net, SIDE).mean(axis=0)[AT[0] * SIDE + AT[1]] for name, net in trio.items()}
lesson.plot("knows", lambda axes: tiles(axes, knows.items(), "chance given to the true colour", mark="k^",
                                        cmap="PuOr_r", vmin=0, vmax=1), size=(10, 3.2), ncols=3)

# %% [markdown]
# To the last digit. White is one half: these pixels toss a coin. (The flag is the triangle; each small square is a
# pixel that answers.) The field of *random* weights told what can be learned: no training brings in a pixel that is not
# seen.
#
# And mark the last two columns: no weight hangs on the size of the image. A convolution goes over an image of any size,
# and so do sweeps. A `Linear` layer that reads all pixels cannot, nor can a net that gets a whole row at each step.

# %% [markdown]
# ## To see is not to carry
#
# White in the first picture means *exactly* zero; what is coloured may still be faint. Ask at the ring again, but put a
# flag at each pixel in turn: how much do the features *at the ring* change if it is green and not red? **Predict** how
# much a far flag does, six rows and columns away or more, compared with one under the ring: before training, and after.

# %%
carry = {"before": untrained, "after": carried(trio["one after the other"])}
far = np.abs(np.subtract.outer(np.arange(SIDE), AT[0]))[:, None] + np.abs(np.arange(SIDE) - AT[1]) >= 6
faint = {name: seen[far].mean() / seen[AT] for name, seen in carry.items()}
lesson.table(["training", "a far flag, compared with one under the ring"], faint.items())
lesson.plot("carried", lambda axes: tiles(axes, powers(carry), "log10 of change", **DEEP), (7.5, 3.4), ncols=2)
lesson.check("carries", faint["after"] / faint["before"], ">=", 10)

# %% [markdown]
# At first a place hears mostly its neighbours: all fades with every step, as in lesson 14. Distances are counted
# *along the streets*, so many rows up or down and so many columns across. What comes from afar arrives **if the net
# learns to carry it**. Here it had to, and did: a GRU's gates (lesson 17) can hold a door open.
#
# ## What does it cost?
#
# > **The slide says:** in two dimensions an RNN is more expensive than a CNN, but has long-range lateral interaction
# > inside one feature map.
#
# In all three nets each weight is used once for each pixel, so the multiplications are the weights, counted. And how
# many steps must be waited for, one after the other? **Predict** who is dearer: the four sweeps, or as many 3 x 3
# convolutions as it takes to see as far.

# %%
tower = nn.Sequential(*[nn.Conv2d(16 if n else 2, 16, 3, padding=1) for n in range(SIDE - 1)])
one, four, eight = (sum(p.size for p in net.parameters() if p.ndim > 1)
                    for net in (window, trio["one after the other"].body, tower))
lesson.table(["16 features a pixel", "multiplications a pixel", "steps to wait for", "sees"],
             [("one 3 x 3 convolution", one, 1, "3 x 3"), ("four sweeps", four, 2 * SIDE, "all"),
              ("eight convolutions, one upon the other", eight, SIDE - 1, "all")])
lesson.check("dearer_than_one", four / one, ">=", 5)
lesson.check("cheaper_than_a_tower", eight / four, ">=", 5)

# %% [markdown]
# The slide is right about one layer against one layer. For the same *reach* the tower costs ten times as much, and it
# has to grow when the image does. What sweeps really cost is **waiting**: all pixels of a convolution can be computed
# at once, on as many processors as there are. A sweep goes from row to row. (That the tower *sees* as far does not say
# that it learns as easily to carry a flag through eight layers. Try it.)
#
# ## Two shapes
#
# Now larger pictures: `minigrad.data.shapes` draws two shapes and says what is to be seen, "a red circle left of a blue
# square". We ask two things. Which **form** is the red one (3 answers)? And is the first shape **above** the second or
# **left of** it (2)? Between them there are always two black rows, or columns.
#
# Three nets: a 3 x 3 convolution, `nn.ReNet` that reads patches of 2 x 2, and a GRU that reads the 196 pixels one by
# one, row by row, and answers from its last state. Of the features of the two others the largest values in the image
# are read. **Predict** the six shares. Which of the two questions is easier for the one that reads pixel by pixel?

# %%
def both_losses(net, some):
    scores = net(mg.Tensor(x[some]))
    return mg.cross_entropy(scores[:, :3], forms[some]) + mg.cross_entropy(scores[:, 3:], relations[some])


def both_right(net, images):
    with mg.no_grad():
        said = net(mg.Tensor(images)).numpy()
    return [(s.argmax(axis=1) == true[: len(s)]).mean() for s, true in ((said[:, :3], form), (said[:, 3:], above))]


# %%
(x, forms, relations), (test, form, above) = scenes(2000, "train"), scenes(lesson.pick(360, 180), "valid")
wide = on_wide_sheets(test)
patches = nn.ReNet(3, 12, patch=2)
fast = {"bidirectional": True, "unroll": False}  # the same layers, without a graph of every step
patches.vertical, patches.horizontal = nn.GRU(12, 12, **fast), nn.GRU(24, 12, **fast)
watchers = {"3 x 3 convolution": nn.Sequential(nn.Conv2d(3, 24, 3, padding=2), mg.relu), "ReNet": patches,
            "pixel by pixel": nn.Sequential(PixelByPixel(3, 24), lambda y: y[:, :, -1:, -1:])}  # its last state
found = {}
for name, body in watchers.items():
    net = Asked(body, 24, 5, False)  # three scores for the form, two for the relation
    learn(both_losses, net, len(x), lesson.pick(200, 120), 32, True)
    found[name] = *both_right(net, test), *both_right(net, wide[:40])
lesson.table(["net", "form", "relation", "form, on a wide sheet", "relation, on a wide sheet"],
             [(name, *shares) for name, shares in found.items()])
lesson.check("forms", found["ReNet"][0], ">=", lesson.pick(0.95, 0.8))
lesson.check("relations", found["ReNet"][1], ">=", lesson.pick(0.95, 0.9))
lesson.check("conv_relations_off", abs(found["3 x 3 convolution"][1] - 0.5), "<=", 0.12)
lesson.check("line_forms_lag", found["ReNet"][0] - found["pixel by pixel"][0], ">=", 0.3)
lesson.check("wide_forms_lost", found["ReNet"][0] - found["ReNet"][2], ">=", 0.15)

# %% [markdown]
# The convolution is perfect at forms, which are local, and **tosses a coin** about the relation: no window of 3 x 3
# sees both shapes, and the largest values do not tell where they were. ReNet can do both. And pixel by pixel? It knows
# the *relation*, which goes all across the image, and not the *form*, five pixels high! A form is made of rows that lie
# exactly above each other; in the line these stand 14 steps apart.
#
# And the wide sheet: the same pictures, with more black around them. The convolution does not notice. ReNet **takes**
# any size, but it was never shown such long ways through the dark, and what arrives after them is strange to its
# readout. (With the flags it went well.) "It fits" is a matter of the shapes of arrays; whether it *works* has to be
# tried.
#
# ## An image, one pixel at a time
#
# In one thing a line is unbeaten. If each pixel is foretold from **all before it**, then the product of all these
# chances is the chance of the *image*, as with letters (lesson 12). So a net can *draw*: van den Oord (2016) hid the
# lower half of pictures and let a **pixel RNN** complete them, each time in another way.

# %% [markdown]
# `nn.PixelRNN` is that in its simplest form: a GRU along the line. At each step it hears the pixel before **and the
# pixel above**, since you have seen how far away that one is.
#
# Pictures of 11 x 11 pixels of four colours, always one shape above another; those that we test on are not among those
# that it learns from. How many **bits** does a pixel cost? Somebody who knows only how often each colour comes at each
# *place* needs more than one. Somebody with a table for each pair of *neighbours*, before and above, needs less than
# half of that: shapes are plain. **Predict** if a net that hears the same two neighbours, and has a memory, is better
# than the table. What is there to remember?

# %%
def bits(counts, at):
    """Mean bits of a pixel of `exam`, whose chances are counts (..., 4) at the index `at`; one is added to each."""
    chances = (counts + 1) / (counts + 1).sum(axis=-1, keepdims=True)
    return -np.log2(chances[(*at, exam)]).mean()


exam = colours(300)
met = {image.tobytes() for image in exam}
drawings = np.array([image for image in colours(lesson.pick(6000, 2000)) if image.tobytes() not in met])
pairs = np.zeros((5, 5, 4))
np.add.at(pairs, (*neighbours(drawings), drawings), 1)
mg.manual_seed(lesson.seed)
painter = nn.PixelRNN(4, 48)
painter.recurrent = nn.GRU(8, 48, unroll=False)  # the same, fast
learn(lambda net, some: net.loss(drawings[some]), painter, len(drawings), lesson.pick(450, 130), 16, True)
with mg.no_grad():
    cost = {"place": bits(np.eye(4)[drawings].sum(axis=0), np.indices((11, 11))), "neighbours": bits(
        pairs, neighbours(exam)), "neighbours, with a memory": painter.loss(exam).item() / np.log(2)}
lesson.table(["known", "bits a pixel"], cost.items())
by_place, by_pair, by_net = cost.values()
lesson.check("below_places", by_place - by_net, ">=", 0.8)
lesson.check("below_neighbours", by_pair - by_net, ">=", 0.15)

# %% [markdown]
# Of a pixel that is blue above and blue before the table knows that it is most likely blue. How *high* the square has
# become, or that a second shape has yet to come, it cannot know.
#
# ## The lower half
#
# Now keep the first six rows of unseen pictures, one whole shape and a black row, and let the net go on. It may
# **draw** each pixel by its chances; or take, each time, the **likeliest** colour. **Predict** which of the two gives
# the better pictures. Where will the second shape be, in the one and in the other?

# %%
half = exam[:100]
drawn = [painter.complete(half, 66, np.random.default_rng(lesson.seed + n)) for n in range(3)]
lower = {"true": half, "likeliest": painter.complete(half, 66, temperature=0), "drawn": drawn[0]}
rows = {name: images[:, 6] > 0 for name, images in lower.items()}  # where all second shapes have their first pixels
begins = {name: np.where(row.any(axis=1), row.argmax(axis=1), 11).mean() for name, row in rows.items()}
filled = {name: (images[:, 6:] > 0).mean() for name, images in lower.items()}
lesson.table(["lower half", "coloured pixels", "begins in column (11: not in its row)"],
             [(name, filled[name], begins[name]) for name in lower])
lesson.check("drawn_filled_off", abs(filled["drawn"] - filled["true"]), "<=", 0.12)
lesson.check("likeliest_waits", begins["likeliest"] - begins["true"], ">=", lesson.pick(0.5, 1))
given = np.where(np.arange(11)[:, None] < 6, half, 4)  # 4 is grey: not given
columns = {"given": given, **lower, "drawn again": drawn[1], "and again": drawn[2]}
lesson.plot("completed", lambda axes: tiles(axes, [(name if k == 0 else "", RGB[images[k]]) for k in range(4)
                                                   for name, images in columns.items()]), (9, 6.2), nrows=4, ncols=6)

# %% [markdown]
# The drawn ones are what a pixel RNN is for: other forms, other colours, other places. (Some are crippled. The net has
# learned for a few seconds.) The likeliest **wait**. At each pixel "not yet" is likelier than each of three colours, so
# black it is, again and again, up to the last place where a shape can begin, or past it, when no whole shape fits any
# more; or the half stays empty. *The likeliest pixel, each time, does not make a likely image*. Lesson 25 meets this
# again with words.
#
# And if a shape sticks out on the right and comes in again on the left: for a net that reads a line, the end of a row
# and the beginning of the next one touch.

# %% [markdown]
# ## Where this lives in minigrad
#
# `nn.ReNet` and `nn.PixelRNN` are in `minigrad/nn/grid.py`, `nn.Conv2d` in `minigrad/nn/conv.py`, the
# shapes in `minigrad/data/shapes.py`. `python -m viz renet` draws the four sweeps over a larger image.
#
# ## What we left out
#
# * Several ReNets, one upon the other, with larger patches at the bottom: so Visin and others (2015) read digits.
# * Nets with a state *for each pixel* that hears the one above and the one on the left (multi-dimensional RNNs; the Row
#   LSTM and the Diagonal BiLSTM of the pixel RNN paper). Then a form is near in both directions.
# * Colours in three channels of 256 levels, each foretold from those before it; masked convolutions, which compute all
#   chances of a *known* image at once.
# * Attention among all pixels (lesson 24): every one is a single step away from every other.
#
# ## Quiz

# %% [markdown]
# 1. An image of 20 x 30 pixels; four sweeps side by side. How many pixels does one place see? And one after the other?
#
# <details><summary>Answer</summary>
#
# Its row and its column, 30 + 20 - 1 = 49. One after the other: all 600.
#
# </details>
#
# 2. Two cross nets, one upon the other: the second reads what the first wrote at each place. What does a place see now?
#
# <details><summary>Answer</summary>
#
# Everything: each place of its row has seen a whole column. It is once more a sweep over what sweeps have written.
#
# </details>

# %% [markdown]
# 3. Why is a pixel that does not see the flag right in *exactly* half of the images?
#
# <details><summary>Answer</summary>
#
# For each place there is a red flag and a green one, and it says the same to both: one of the two is right.
#
# </details>
#
# 4. A wide image has 10 rows and 1000 columns. Read it pixel by pixel along the rows, or along the columns?
#
# <details><summary>Answer</summary>
#
# Along the columns: then the neighbour in the next column is 10 steps away, and not 1000.
#
# </details>

# %% [markdown]
# 5. Could ReNet foretell each pixel from $O_{ij}$, and so draw pictures?
#
# <details><summary>Answer</summary>
#
# No. $O_{ij}$ has seen the pixel itself and all that come after it: the answer is among the inputs (lesson 20).
#
# </details>
#
# ## Exercises
#
# `python -m lessons exercise 22` copies these and more into files of yours; `check 22` examines them, `hint 22` helps.


# %%
# Exercise 22.1: two sweeps along the columns of an image (H, W); `step(row, state)` takes a whole row, and so a state.
def down_and_up(image, step, state):
    raise NotImplementedError("TODO 22.1: an array (H, W, 2): the states of the sweep down, and of the sweep up")


# %%
# Exercise 22.2 (predict): how many pixels of an image does the place (i, j) see?
def pixels_seen(high, wide, i, j):
    raise NotImplementedError("TODO 22.2: of a 3 x 3 window, side by side, one after the other, pixel by pixel")


# %%
# Exercise 22.3 (find the bug): what a pixel RNN hears at each step; somebody hears the future.
def heard(image, levels):
    raise NotImplementedError("TODO 22.3: the pixel before each in the line, and the pixel above it")


# %%
# Exercise 22.4 (predict): how many convolutions, one upon the other, until each place sees each pixel?
def layers_needed(high, wide, kernel):
    raise NotImplementedError("TODO 22.4: kernel is odd; think of two opposite corners")


# %%
# Exercise 22.5 (make it fail): an image that four sweeps side by side cannot tell from this one, at (i, j).
def same_to_the_cross(image, i, j):
    raise NotImplementedError("TODO 22.5: another image; all pixels that may differ do")


# %%
lesson.finish()
