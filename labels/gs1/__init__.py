"""GS1 syntax, judged as strictly as GS1's own Barcode Syntax Engine judges it. Pure; labels.gtin is the front.

The facts are those of the GS1 General Specifications and the GS1 Barcode Syntax Dictionary (GS1 AISBL, Apache-2.0).
"""
