# One run: load-100-mixed, core, seed 0
# One run of 60.000 s of virtual time: a lane for each process, time downwards with a row for each moment (not to scale; the time stands at the left). Arrows are messages, bars across all lanes are phases, faults and violations (1 of them in the run). A lane that is dotted is dead or stands still.
#   scripts/racebed run load-100-mixed --subject core --set workload.count=100 --seed 0
unset key
unset border
unset tics
unset grid
set lmargin at screen 0
set rmargin at screen 1
set bmargin at screen 0
set tmargin at screen 1
set xrange [0:640]
set yrange [384:0]
set object rectangle from 72,185 to 636,203 fc rgb '#E69F00' fs solid 0.35 noborder behind
set object rectangle from 72,285 to 636,303 fc rgb '#D55E00' fs solid 0.3 noborder behind
set label 'One run: load-100-mixed, core, seed 0' at 8,12 left font ',10' textcolor rgb '#6e7781' front
set label 'user' at 106,32 center font ',11' textcolor rgb '#000000' front
set label 'controller-0' at 267,32 center font ',11' textcolor rgb '#000000' front
set label 'API server' at 429,32 center font ',11' textcolor rgb '#000000' front
set label 'slack' at 590,32 center font ',11' textcolor rgb '#000000' front
set label 's' at 66,32 right font ',10' textcolor rgb '#6e7781' front
set label '0.000' at 66,74 right font ',10' textcolor rgb '#6e7781' front
set label '◆' at 267,74 center font ',11' textcolor rgb '#000000' front
set label 'started ' at 276,74 left font ',10' textcolor rgb '#000000' front
set label '5.000' at 66,94 right font ',10' textcolor rgb '#6e7781' front
set label '●' at 106,94 center font ',11' textcolor rgb '#000000' front
set label 'created n-0' at 115,94 left font ',10' textcolor rgb '#000000' front
set label '5.010' at 66,114 right font ',10' textcolor rgb '#6e7781' front
set label 'n-0 → Sending' at 348,111 center font ',10' textcolor rgb '#000000' front
set label '5.011' at 66,134 right font ',10' textcolor rgb '#6e7781' front
set label 'refused n-0 409  ×2' at 348,131 center font ',10' textcolor rgb '#D55E00' front
set label '5.030' at 66,154 right font ',10' textcolor rgb '#6e7781' front
set label 'n-0' at 429,151 center font ',10' textcolor rgb '#0072B2' front
set label '5.040' at 66,174 right font ',10' textcolor rgb '#6e7781' front
set label '●' at 590,174 center font ',11' textcolor rgb '#0072B2' front
set label 'accepted slack n-0' at 581,174 right font ',10' textcolor rgb '#0072B2' front
set label '5.050' at 66,194 right font ',10' textcolor rgb '#6e7781' front
set label 'fault  process-kill: controller-0' at 78,194 left font ',10' textcolor rgb '#000000' front
set label '5.050' at 66,214 right font ',10' textcolor rgb '#6e7781' front
set label '✗' at 267,214 center font ',11' textcolor rgb '#D55E00' front
set label 'killed ' at 276,214 left font ',10' textcolor rgb '#D55E00' front
set label '6.000' at 66,234 right font ',10' textcolor rgb '#6e7781' front
set label '◆' at 267,234 center font ',11' textcolor rgb '#000000' front
set label 'started ' at 276,234 left font ',10' textcolor rgb '#000000' front
set label '6.030' at 66,254 right font ',10' textcolor rgb '#6e7781' front
set label 'n-0' at 429,251 center font ',10' textcolor rgb '#0072B2' front
set label '6.040' at 66,274 right font ',10' textcolor rgb '#6e7781' front
set label '●' at 590,274 center font ',11' textcolor rgb '#0072B2' front
set label 'accepted slack n-0' at 581,274 right font ',10' textcolor rgb '#0072B2' front
set label '6.040' at 66,294 right font ',10' textcolor rgb '#6e7781' front
set label '✗ no-duplicate-delivery: n-0 was delivered to slack again' at 78,294 left font ',10' textcolor rgb '#000000' front
set label '6.050' at 66,314 right font ',10' textcolor rgb '#6e7781' front
set label '200' at 429,311 center font ',10' textcolor rgb '#009E73' front
set label 'sent to Slack' at 54,346 left font ',10' textcolor rgb '#0072B2' front
set label 'answered' at 208,346 left font ',10' textcolor rgb '#009E73' front
set label 'written' at 327,346 left font ',10' textcolor rgb '#000000' front
set label 'refused' at 439,346 left font ',10' textcolor rgb '#D55E00' front
set label '● created, accepted    ○ deleted, gone    ★ leads    ✗ violated, dies, lost    ◆ other' at 14,368 left font ',10' textcolor rgb '#000000' front
set arrow from 267,120 to 429,120 head nofilled size 7,22 fixed lc rgb '#000000' dt solid lw 1.4
set arrow from 267,140 to 429,140 head nofilled size 7,22 fixed lc rgb '#D55E00' dt (2,3) lw 1.4
set arrow from 267,160 to 590,160 head filled size 7,22 fixed lc rgb '#0072B2' dt solid lw 1.4
set arrow from 267,260 to 590,260 head filled size 7,22 fixed lc rgb '#0072B2' dt solid lw 1.4
set arrow from 590,320 to 267,320 head empty size 7,22 fixed lc rgb '#009E73' dt (8,4) lw 1.4
set arrow from 106,56 to 106,326 nohead lc rgb '#8c959f' dt solid lw 1.2
set arrow from 267,56 to 267,214 nohead lc rgb '#8c959f' dt solid lw 1.2
set arrow from 267,214 to 267,234 nohead lc rgb '#b0b8c0' dt (1,5) lw 1
set arrow from 267,234 to 267,326 nohead lc rgb '#8c959f' dt solid lw 1.2
set arrow from 429,56 to 429,326 nohead lc rgb '#8c959f' dt solid lw 1.2
set arrow from 590,56 to 590,326 nohead lc rgb '#8c959f' dt solid lw 1.2
set arrow from 14,346 to 48,346 head filled size 7,22 fixed lc rgb '#0072B2' dt solid lw 1.4
set arrow from 168,346 to 202,346 head empty size 7,22 fixed lc rgb '#009E73' dt (8,4) lw 1.4
set arrow from 287,346 to 321,346 head nofilled size 7,22 fixed lc rgb '#000000' dt solid lw 1.4
set arrow from 399,346 to 433,346 head nofilled size 7,22 fixed lc rgb '#D55E00' dt (2,3) lw 1.4
plot NaN
