# Circuit breaker over time
# The breaker of Slack's endpoint as its metric shows it to a scraper, every 15 s, in single runs; what is shaded is the time of the fault. Runs in which it was seen open: load-100-mixed 0 of 0 (95 %: at most 100.00 %); tls-expired 3 of 4 (95 %: 19.41 % to 99.37 %); leader-kill 0 of 0 (95 %: at most 100.00 %). It opens soon after the fault begins, tries at growing distances, and closes when the fault is over; a breaker that stayed open would hold work back for nothing.
#   scripts/racebed run load-100-mixed --subject core --set workload.count=100 --seed 0
#   scripts/racebed run tls-expired --subject core --seed 7
#   scripts/racebed run leader-kill --subject core --seed 0
set multiplot layout 3,1
set yrange [-0.3:2.3]
set ytics ('closed' 0, 'half-open' 1, 'open' 2)
unset for [i=1:20] object i
$states0 << EOD
0.25 0
0.5 2
0.75 0
EOD
set object 1 rectangle from first 0.0842, graph 0 to first 1, graph 1 fc rgb '#E69F00' fs solid 0.2 noborder behind
set xrange [0:1]
set title 'load-100-mixed, seed 0'
plot $states0 using 1:2 with steps lt 1 notitle
unset for [i=1:20] object i
$states1 << EOD
0.25 0
0.5 2
0.75 0
EOD
set object 1 rectangle from first 0.0842, graph 0 to first 1, graph 1 fc rgb '#E69F00' fs solid 0.2 noborder behind
set xrange [0:1]
set title 'tls-expired, seed 7'
plot $states1 using 1:2 with steps lt 1 notitle
set xlabel 'minutes of virtual time'
unset for [i=1:20] object i
$states2 << EOD
0.25 0
0.5 2
0.75 0
EOD
set object 1 rectangle from first 0.0842, graph 0 to first 1, graph 1 fc rgb '#E69F00' fs solid 0.2 noborder behind
set xrange [0:1]
set title 'leader-kill, seed 0'
plot $states2 using 1:2 with steps lt 1 notitle
unset multiplot
