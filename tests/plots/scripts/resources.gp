# Memory, tasks and connections over time
# What the controller holds while 100 notifications pass through (load-100-mixed, seed 0): the blue line is one run, from 1 s before the work to 5 s after the last change. The dashed line is the median of the peaks of 4 runs, the band its 95 % interval by order statistics (often no wider than the line). Of all these runs the greatest were 360 kB, 12 tasks and 4 connections; the plan allows a growth of 500 MB and 1,000 tasks, both far above these axes. Tasks and connections come back to where they began; the memory that stays is what is remembered of objects that still exist.
#   scripts/racebed run load-100-mixed --subject core --set workload.count=100 --seed 0
set multiplot layout 3,1 margins 0.15,0.97,0.11,0.98 spacing 0,0.04
set xrange [4.000:11.060]
unset key
set format x ''
$bytes << EOD
0.000 30
5.010 250
6.060 90
11.060 90
EOD
set ylabel 'memory, kB'
set yrange [0:450]
set ytics 200
set object 1 rectangle from graph 0, first 300 to graph 1, first 360 fc rgb '#E69F00' fs solid 0.25 noborder back
plot $bytes using 1:2 with steps lt 1 notitle, 300 lt 5 notitle
$tasks << EOD
0.000 5
5.010 9
6.060 5
11.060 5
EOD
set ylabel 'tasks'
set yrange [0:15]
set ytics 5
set object 1 rectangle from graph 0, first 10 to graph 1, first 12 fc rgb '#E69F00' fs solid 0.25 noborder back
plot $tasks using 1:2 with steps lt 1 notitle, 10 lt 5 notitle
$sockets << EOD
0.000 0
5.020 1
6.060 0
11.060 0
EOD
set format x '%g'
set xlabel 'seconds of virtual time'
set ylabel 'connections'
set yrange [0:5]
set ytics 2
set object 1 rectangle from graph 0, first 4 to graph 1, first 4 fc rgb '#E69F00' fs solid 0.25 noborder back
plot $sockets using 1:2 with steps lt 1 notitle, 4 lt 5 notitle
unset multiplot
