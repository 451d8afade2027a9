"""10.4 Learn from rewards

At the junction of the T-maze the net has scores (B, A) for A actions, in B games. It tried actions (B,), drawn by its
own chances softmax(scores), and got rewards (B,). The loss of REINFORCE is the mean over the games of
-(R - mean of all R) log p(action tried). Return its gradient with respect to the scores, (B, A). The rewards are
numbers that the world gave: no gradient goes through them. The arguments stay as they are.

1. The gradient of -log p(a) with respect to the scores is the softmax, minus 1 at the action that was tried.
2. Each game's row is multiplied by how much better than average it went, (rewards - rewards.mean())[:, None].
3. p[np.arange(B), actions] -= 1 with p = softmax(scores), then return p * (rewards - rewards.mean())[:, None] / B
"""

# %% task
import numpy as np


def score_gradient(scores, actions, rewards):
    raise NotImplementedError("TODO 10.4: the gradient of -log p(a), times how much better than average it was")


# %% solution
def score_gradient(scores, actions, rewards):
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = p / p.sum(axis=1, keepdims=True)
    p[np.arange(len(actions)), actions] -= 1
    better = rewards - rewards.mean()
    return p * better[:, None] / len(actions)


# %% check
def cases(rng):
    for B, A in [(3, 2), (6, 2), (5, 4)]:
        rewards = rng.integers(0, 2, B) * 1.0
        rewards[:2] = 0.0, 1.0
        yield rng.normal(size=(B, A)), rng.integers(0, A, B), rewards
    yield np.array([[0.0, 800.0], [800.0, 0.0]]), np.array([1, 0]), np.array([2.0, -1.0])
    yield rng.normal(size=(4, 3)), rng.integers(0, 3, 4), np.ones(4)


SLIPS = [
    (1, "The action that was tried is forgotten: the softmax alone is not the gradient.",
     "    p[np.arange(len(actions)), actions] -= 1\n", ""),
    (1, "The sign is wrong: a step against it would make rarer what went well.", "return p * better",
     "return -p * better"),
    (1, "The gradient with respect to the SCORES is asked for, not that with respect to the chances.",
     "    p[np.arange(len(actions)), actions] -= 1\n",
     "    p = -np.eye(scores.shape[1])[actions] / p\n"),
    (1, "The 1 is taken from that action in every game, not in the one in which it was tried.",
     "p[np.arange(len(actions)), actions] -= 1", "p[:, actions] -= 1"),
    (1, "The 1 belongs to the action tried, not to the likeliest one.", "p[np.arange(len(actions)), actions] -= 1",
     "p[np.arange(len(actions)), p.argmax(axis=1)] -= 1"),
    (1, "The softmax goes over the actions of a game, not over the games.", "p = p / p.sum(axis=1, keepdims=True)",
     "p = p / p.sum(axis=0, keepdims=True)"),
    (2, "The average is not taken off: every action with a reward becomes likelier, good or middling.",
     "rewards - rewards.mean()", "rewards"),
    (2, "The rewards play no part.", "p * better[:, None]", "p"),
    (2, "Divided by the spread as well: a useful trick, and another loss.", "rewards - rewards.mean()",
     "(rewards - rewards.mean()) / (rewards.std() + 1e-8)"),
    (3, "The loss is the MEAN over the games: divide by their number.", " / len(actions)", ""),
    (3, "Divide by the number of games, not of actions.", " / len(actions)", " / scores.shape[1]"),
    (3, "exp overflows for large scores: take off the largest first.",
     "np.exp(scores - scores.max(axis=1, keepdims=True))", "np.exp(scores)"),
]  # fmt: skip
