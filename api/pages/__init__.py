"""Pages for people: what a scanned label leads to, and where every figure comes from. In Chinese and English.

Each module has a router; `api.app.ROUTERS` lists them. A page is plain HTML with one stylesheet of ours: no scripts, no
pictures or fonts from elsewhere, nothing kept about the reader.
"""
