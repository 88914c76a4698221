# Delivery latency
# Time from creation to delivery when 100 notifications are created at once: the share of all deliveries that took at most so long (mixed: 10 deliveries in 4 runs; slack: 10 deliveries in 4 runs). Points are P50, P95 and P99, the median over the runs with its 95 % interval by order statistics. A steep line means that all fare alike; the distance between console and Slack is the price of TLS and of Slack's answer.
#   scripts/racebed run load-100-mixed --subject core --set workload.count=100 --seed 0
#   scripts/racebed run load-100-slack --subject core --set workload.count=100 --seed 0
$mixed << EOD
100.0 10
200.0 20
300.0 30
400.0 40
500.0 50
600.0 60
700.0 70
800.0 80
900.0 90
1000.0 100
EOD
$mixed_p << EOD
500.0 50 500.0 600.0
900.0 95 900.0 1080.0
1000.0 99 1000.0 1200.0
EOD
$slack << EOD
100.0 10
200.0 20
300.0 30
400.0 40
500.0 50
600.0 60
700.0 70
800.0 80
900.0 90
1000.0 100
EOD
$slack_p << EOD
500.0 50 500.0 600.0
900.0 95 900.0 1080.0
1000.0 99 1000.0 1200.0
EOD
set xlabel 'creation to delivery, ms of virtual time'
set ylabel 'deliveries, %'
set xrange [0:*]
set yrange [0:103]
plot $mixed using 1:2 with lines lt 1 title 'mixed', $mixed_p using 1:2:3:4 with xerrorbars lt 1 dt solid notitle, $slack using 1:2 with lines lt 2 title 'slack', $slack_p using 1:2:3:4 with xerrorbars lt 2 dt solid notitle
