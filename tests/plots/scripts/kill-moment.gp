# Duplicates and losses against the moment of the leader's death
# The leader is killed at one of the first twenty moments of a kind, from a notification's creation (left) to its last status write (right): the share of runs with a second delivery (above) and with a lost one (below), for each guarantee that the controller can be told to give (16 runs, with exact 95 % intervals). At-least-once duplicates when it dies between sending and the status write; at-most-once loses when it dies after writing that it will send; probe asks Slack, and should do neither.
#   scripts/racebed run leader-kill --subject core --set subject.guarantee=at-least-once --set 'faults[0].after={"event":"requested","channel":"slack","occurrence":{"min":1,"max":20}}' --seed 0
#   scripts/racebed run leader-kill --subject core --set subject.guarantee=probe --set 'faults[0].after={"event":"committed","change":{"path":"/status/phase","to":"Sent"}}' --seed 0
set multiplot layout 2,1 margins 0.15,0.97,0.08,0.93 spacing 0,0.05
set xrange [-0.5:1.5]
set yrange [0:103]
set key maxrows 1 width -2 font ',12'
set xtics ('' 0, '' 1) font ',11'
$twice_2 << EOD
-0.12 100 39.8 100
EOD
$twice_3 << EOD
0 0 0 60.2
EOD
$twice_1 << EOD
0.12 0 0 60.2
1.12 0 0 60.2
EOD
set key
set ylabel 'runs with a duplicate, %'
plot $twice_2 using 1:2:3:4 with yerrorlines lt 2 title 'at-least-once', $twice_3 using 1:2:3:4 with yerrorlines lt 3 title 'at-most-once', $twice_1 using 1:2:3:4 with yerrorlines lt 1 title 'probe'
set xtics ('sent' 0, 'status Sent' 1) font ',11'
$lost_2 << EOD
-0.12 0 0 60.2
EOD
$lost_3 << EOD
0 75 19.4 99.4
EOD
$lost_1 << EOD
0.12 0 0 60.2
1.12 0 0 60.2
EOD
unset key
set ylabel 'runs with a loss, %'
plot $lost_2 using 1:2:3:4 with yerrorlines lt 2 title 'at-least-once', $lost_3 using 1:2:3:4 with yerrorlines lt 3 title 'at-most-once', $lost_1 using 1:2:3:4 with yerrorlines lt 1 title 'probe'
unset multiplot
