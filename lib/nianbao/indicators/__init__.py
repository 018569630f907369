"""
The small helper library: what a statistical form is, what a report holds, and every figure that follows from it, exactly.

Pure: no file, frame, page or notebook is known here.
"""
