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
set yrange [378:0]
set object rectangle from 72,179 to 636,197 fc rgb '#E69F00' fs solid 0.35 noborder behind
set object rectangle from 72,279 to 636,297 fc rgb '#D55E00' fs solid 0.3 noborder behind
set label 'One run: load-100-mixed, core, seed 0' at 8,12 left font ',10' textcolor rgb '#6e7781' front
set label 'user' at 106,36 center font ',11' textcolor rgb '#000000' front
set label 'controller-0' at 267,36 center font ',11' textcolor rgb '#000000' front
set label 'API server' at 429,36 center font ',11' textcolor rgb '#000000' front
set label 'slack' at 590,36 center font ',11' textcolor rgb '#000000' front
set label 's' at 66,36 right font ',10' textcolor rgb '#6e7781' front
set label '0.000' at 66,68 right font ',10' textcolor rgb '#6e7781' front
set label '◆' at 267,68 center font ',11' textcolor rgb '#000000' front
set label 'started ' at 276,68 left font ',10' textcolor rgb '#000000' front
set label '5.000' at 66,88 right font ',10' textcolor rgb '#6e7781' front
set label '●' at 106,88 center font ',11' textcolor rgb '#000000' front
set label 'created n-0' at 115,88 left font ',10' textcolor rgb '#000000' front
set label '5.010' at 66,108 right font ',10' textcolor rgb '#6e7781' front
set label 'n-0 → Sending' at 348,105 center font ',10' textcolor rgb '#000000' front
set label '5.011' at 66,128 right font ',10' textcolor rgb '#6e7781' front
set label 'refused n-0 409  ×2' at 348,125 center font ',10' textcolor rgb '#D55E00' front
set label '5.030' at 66,148 right font ',10' textcolor rgb '#6e7781' front
set label 'n-0' at 429,145 center font ',10' textcolor rgb '#0072B2' front
set label '5.040' at 66,168 right font ',10' textcolor rgb '#6e7781' front
set label '●' at 590,168 center font ',11' textcolor rgb '#0072B2' front
set label 'accepted slack n-0' at 581,168 right font ',10' textcolor rgb '#0072B2' front
set label '5.050' at 66,188 right font ',10' textcolor rgb '#6e7781' front
set label 'fault  process-kill: controller-0' at 78,188 left font ',10' textcolor rgb '#000000' front
set label '5.050' at 66,208 right font ',10' textcolor rgb '#6e7781' front
set label '✗' at 267,208 center font ',11' textcolor rgb '#D55E00' front
set label 'killed ' at 276,208 left font ',10' textcolor rgb '#D55E00' front
set label '6.000' at 66,228 right font ',10' textcolor rgb '#6e7781' front
set label '◆' at 267,228 center font ',11' textcolor rgb '#000000' front
set label 'started ' at 276,228 left font ',10' textcolor rgb '#000000' front
set label '6.030' at 66,248 right font ',10' textcolor rgb '#6e7781' front
set label 'n-0' at 429,245 center font ',10' textcolor rgb '#0072B2' front
set label '6.040' at 66,268 right font ',10' textcolor rgb '#6e7781' front
set label '●' at 590,268 center font ',11' textcolor rgb '#0072B2' front
set label 'accepted slack n-0' at 581,268 right font ',10' textcolor rgb '#0072B2' front
set label '6.040' at 66,288 right font ',10' textcolor rgb '#6e7781' front
set label '✗ violated  no-duplicate-delivery: n-0 was delivered to slack again' at 78,288 left font ',10' textcolor rgb '#000000' front
set label '6.050' at 66,308 right font ',10' textcolor rgb '#6e7781' front
set label '200' at 429,305 center font ',10' textcolor rgb '#009E73' front
set label 'sent to Slack' at 54,340 left font ',10' textcolor rgb '#0072B2' front
set label 'answered' at 208,340 left font ',10' textcolor rgb '#009E73' front
set label 'written' at 327,340 left font ',10' textcolor rgb '#000000' front
set label 'refused' at 439,340 left font ',10' textcolor rgb '#D55E00' front
set label '● created, accepted    ○ deleted, gone    ★ leads    ✗ dies, lost    ◆ other' at 14,362 left font ',10' textcolor rgb '#000000' front
set arrow from 267,114 to 429,114 head nofilled size 7,22 fixed lc rgb '#000000' dt solid lw 1.4
set arrow from 267,134 to 429,134 head nofilled size 7,22 fixed lc rgb '#D55E00' dt (2,3) lw 1.4
set arrow from 267,154 to 590,154 head filled size 7,22 fixed lc rgb '#0072B2' dt solid lw 1.4
set arrow from 267,254 to 590,254 head filled size 7,22 fixed lc rgb '#0072B2' dt solid lw 1.4
set arrow from 590,314 to 267,314 head empty size 7,22 fixed lc rgb '#009E73' dt (8,4) lw 1.4
set arrow from 106,50 to 106,320 nohead lc rgb '#8c959f' dt solid lw 1.2
set arrow from 267,50 to 267,208 nohead lc rgb '#8c959f' dt solid lw 1.2
set arrow from 267,208 to 267,228 nohead lc rgb '#b0b8c0' dt (1,5) lw 1
set arrow from 267,228 to 267,320 nohead lc rgb '#8c959f' dt solid lw 1.2
set arrow from 429,50 to 429,320 nohead lc rgb '#8c959f' dt solid lw 1.2
set arrow from 590,50 to 590,320 nohead lc rgb '#8c959f' dt solid lw 1.2
set arrow from 14,340 to 48,340 head filled size 7,22 fixed lc rgb '#0072B2' dt solid lw 1.4
set arrow from 168,340 to 202,340 head empty size 7,22 fixed lc rgb '#009E73' dt (8,4) lw 1.4
set arrow from 287,340 to 321,340 head nofilled size 7,22 fixed lc rgb '#000000' dt solid lw 1.4
set arrow from 399,340 to 433,340 head nofilled size 7,22 fixed lc rgb '#D55E00' dt (2,3) lw 1.4
plot NaN
