"""How a statement looks on screen and on A4: quiet, for a binder, with a policy that lets nothing else in."""

from __future__ import annotations

import base64
import hashlib

# Rows and signatures are never torn over two sheets, and a table's heading stands on each of them.
STYLE = """
@page{size:A4;margin:16mm 15mm 18mm}
@page{@bottom-right{content:counter(page) " / " counter(pages);font:8pt sans-serif;color:#555}}
*{box-sizing:border-box}
html{background:#eceeec}
body{font:9.5pt/1.4 "Helvetica Neue",Arial,"Liberation Sans",sans-serif;color:#111;background:#fff;
max-width:210mm;margin:8mm auto;padding:16mm 15mm}
header{display:flex;justify-content:space-between;gap:10mm;border-bottom:1.5pt solid #111;
padding-bottom:4mm;margin-bottom:5mm}
h1{font-size:17pt;line-height:1.15;margin:0 0 1.5mm;font-weight:600}
h2{font-size:11pt;margin:7mm 0 1.5mm;font-weight:600;break-after:avoid}
p{margin:0 0 1.5mm}
.who strong{font-size:11pt}
.about{border-collapse:collapse;width:auto;margin:0}
.about th{font-weight:400;color:#555;text-align:left;padding:0 4mm .5mm 0;border:0;white-space:nowrap}
.about td{padding:0 0 .5mm;border:0}
.figures{display:flex;border:.75pt solid #111;margin:0 0 3mm}
.figures div{flex:1;padding:2.5mm 4mm}
.figures div+div{border-left:.5pt solid #999}
.figures span{display:block;color:#555;font-size:8.5pt}
.figures b{font-size:14pt;font-weight:600;font-variant-numeric:tabular-nums;white-space:nowrap}
.note{border-left:3pt solid #111;padding:1mm 0 1mm 3mm;margin:0 0 2mm;break-inside:avoid}
.alarm{border-color:#a3231f}
.alarm b{color:#a3231f}
table{border-collapse:collapse;width:100%;margin:0 0 1mm}
thead{display:table-header-group}
tfoot{display:table-row-group}
tr{break-inside:avoid}
th,td{padding:.9mm 3mm .9mm 0;text-align:left;vertical-align:top;border-bottom:.5pt solid #ddd}
th:last-child,td:last-child{padding-right:0}
thead th{font-size:8.5pt;font-weight:600;color:#333;border-bottom:.75pt solid #111;vertical-align:bottom}
tfoot td{font-weight:600;border-top:.75pt solid #111;border-bottom:1.5pt double #111}
.amount{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.short{break-inside:avoid}
.long table{font-size:8pt}
.long th,.long td{padding-top:.6mm;padding-bottom:.6mm;padding-right:2.2mm}
.long thead th{font-size:8pt}
.long th:last-child,.long td:last-child{padding-right:0}
.tight{white-space:nowrap}
.small{font-size:8.5pt;color:#555}
.sign{display:flex;gap:8mm;margin-top:16mm;break-inside:avoid}
.sign div{flex:1;border-top:.5pt solid #111;padding-top:1mm;font-size:8.5pt;color:#555}
footer{margin-top:7mm;font-size:8.5pt;color:#555;break-inside:avoid}
@media print{html{background:none}body{max-width:none;margin:0;padding:0}}
"""

_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
# In the page too, so that a page that was filed keeps it; `frame-ancestors` counts in a header only.
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"
HEADER_POLICY = f"{POLICY}; frame-ancestors 'none'"
