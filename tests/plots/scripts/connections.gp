# Connections opened against deliveries
# Connections that were opened to Slack against the requests sent over them, in the load scenarios (12 runs). Each point is one cell: the median over its runs, with 95 % intervals by order statistics; both axes are logarithmic. The dashed line is a connection for each request; the pool holds at most 8. Points far below the line, and no higher to the right than to the left, are connections that are reused.
#   scripts/racebed run load-100-slack --subject core --set workload.count=100 --seed 0
#   scripts/racebed run load-100-mixed --subject core --set workload.count=10 --seed 0
#   scripts/racebed run load-100-mixed --subject core --set workload.count=100 --seed 0
$cells << EOD
10 10 10 4 3 4
100 100 100 4 3 4
100 100 100 4 3 4
EOD
set logscale xy
set xlabel 'requests sent to Slack in a run'
set ylabel 'connections opened in a run'
set xrange [1:150]
set yrange [0.7:150]
plot x lt 6 title 'one for each request', 8 lt 3 title 'the pool may hold 8', \
     $cells using 1:4:2:3:5:6 with xyerrorbars lt 1 title 'measured'
