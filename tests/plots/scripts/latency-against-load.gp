# Latency against load
# Percentiles of the time from creation to delivery, against the number of notifications that are created at once (load-100-mixed, 8 runs). Each point is the median over the runs of the run's percentile, with its 95 % interval by order statistics; both axes are logarithmic. A straight line at 45° is a queue that is worked off at a steady pace; a steeper one would be a pace that falls with the load.
#   scripts/racebed run load-100-mixed --subject core --set workload.count=10 --seed 0
#   scripts/racebed run load-100-mixed --subject core --set workload.count=100 --seed 0
$p50 << EOD
10 50 50 60
100 500 500 600
EOD
$p95 << EOD
10 90 90 108
100 900 900 1080
EOD
$p99 << EOD
10 100 100 120
100 1000 1000 1200
EOD
set logscale xy
set xlabel 'notifications created at once'
set ylabel 'latency, ms of virtual time'
set xtics ('10' 10, '100' 100)
set xrange [8:125]
plot $p99 using 1:2:3:4 with yerrorlines lt 2 title 'P99', \
     $p95 using 1:2:3:4 with yerrorlines lt 3 title 'P95', \
     $p50 using 1:2:3:4 with yerrorlines lt 1 title 'P50'
