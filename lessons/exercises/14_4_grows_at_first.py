"""14.4 Make it fail: below 1, and it grows

"The spectral radius is below 1, so the gradient vanishes." In the end, yes. Return a 2 by 2 matrix W whose eigenvalues
are both at most 0.9 in size, and with which a net without an activation still makes some gradient more than a hundred
times longer in ten steps: the norm of W^10 (largest singular value) is above 100. No element may be above 1000.

1. With a rotation, W = rho Q, it cannot be: all directions shrink alike. Take a matrix that mixes the two numbers very
   unequally: one says much to the other, and the other nothing to it.
2. A triangular matrix [[a, c], [0, b]] has the eigenvalues a and b, whatever c is. So c may be large.
3. With a = b = 0.9 the corner of W^10 is 10 * 0.9**9 * c, which is 3.87 c: more than 100 for c = 30.
"""

# %% task
import numpy as np


def grows_at_first():
    raise NotImplementedError("TODO 14.4: return a 2 by 2 matrix; its eigenvalues are below 1, W^10 is not small")


# %% solution
def grows_at_first():
    return np.array([[0.9, 50.0], [0.0, 0.9]])


# %% check
def cases(rng):
    yield ()


def judge(W):
    W = np.asarray(W, float)
    if W.shape != (2, 2):
        return 2, f"a matrix of the shape (2, 2) is asked for, this has {W.shape}"
    if not np.abs(W).max() <= 1000:  # nan, too
        return 3, f"its largest element is {np.abs(W).max():.6g}; at most 1000, please"
    radius, grown = np.abs(np.linalg.eigvals(W)).max(), np.linalg.norm(np.linalg.matrix_power(W, 10), 2)
    if not radius <= 0.9 + 1e-4:
        return 2, f"its spectral radius is {radius:.4g}; at most 0.9 is asked for"
    if not grown > 100:
        return 1, f"the radius is {radius:.3g}, well; but in ten steps a gradient becomes {grown:.3g} times as long"
    return None


SLIPS = [
    (1, "A diagonal matrix: each number by itself, and both shrink.", "50.0", "0.0"),
    (2, "Both corners are filled: then the eigenvalues are not those of the diagonal.", "[0.0, 0.9]", "[50.0, 0.9]"),
    (3, "It grows, but not a hundredfold: the corner is too small.", "50.0", "5.0"),
    (1, "That is a rotation, shrunk: every direction loses alike.", "np.array([[0.9, 50.0], [0.0, 0.9]])",
     "0.9 * np.array([[0.0, -1.0], [1.0, 0.0]])"),
    (2, "An eigenvalue is above 1; then it grows for ever, and that is not the point.", "[0.0, 0.9]", "[0.0, 1.6]"),
    (2, "Both eigenvalues are 1.7.", "[[0.9, 50.0], [0.0, 0.9]]", "[[1.7, 0.0], [0.0, 1.7]]"),
    (1, "Both eigenvalues are 0: W^2 is 0, and nothing is left after ten steps, whatever the corner is.",
     "[[0.9, 50.0], [0.0, 0.9]]", "[[0.0, 500.0], [0.0, 0.0]]"),
    (3, "That is a sledgehammer; at most 1000.", "50.0", "1e9"),
    (3, "The eigenvalues are so small that ten steps eat even this corner.", "[[0.9, 50.0], [0.0, 0.9]]",
     "[[0.2, 900.0], [0.0, 0.2]]"),
    (2, "One column only; 2 by 2, please.", "[[0.9, 50.0], [0.0, 0.9]]", "[[0.9], [50.0]]"),
]  # fmt: skip
