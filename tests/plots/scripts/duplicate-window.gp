# Chance of a duplicate against gap and lag
# Runs in which a notification was delivered twice, of all runs, when one of the same name is deleted and created anew: against the gap between the two, and against how late the controller's cache is (virtual time). The darker, the more often. Over the whole map, core: 0 of 8 (95 %: at most 31.23 %); other: 4 of 8 (95 %: 15.70 % to 84.30 %). A controller that decides by its cache duplicates wherever the cache is late; one that reads before it sends does not.
#   scripts/racebed run create-delete-create --subject core --set workload.gap=0ms --set world.watch_lag=0ms --seed 0
#   scripts/racebed run create-delete-create --subject other --set workload.gap=0ms --set world.watch_lag=0ms --seed 0
set multiplot layout 2,1
$map << EOD
0 0 0
1 0 0
EOD
$map_dark << EOD
0 0 "0/4"
1 0 "0/4"
EOD
$map_light << EOD
-9 -9 0
EOD
set palette defined (0 '#ffffff', 0.05 '#e3eef6', 0.5 '#6fa8d0', 1 '#0b3c5d')
set cbrange [0:1]
unset colorbox
unset key
unset grid
unset border
set title 'core: 0 of 8 runs'
set xlabel 'lag of the controller''s cache'
set ylabel 'from deletion to creation'
set xtics ('0 ms' 0, '50 ms' 1) scale 0
set ytics ('0 ms' 0) scale 0
set xrange [-0.5:1.5]
set yrange [0.5:-0.5]
plot $map using 1:2:($1-0.5):($1+0.5):($2-0.5):($2+0.5) with boxxyerror fs solid noborder lc rgb '#d8dee4', \
     '' using 1:2:($1-0.485):($1+0.485):($2-0.47):($2+0.47):3 with boxxyerror fs solid noborder lc palette, \
     $map_dark using 1:2:3 with labels font ',12' textcolor rgb '#1b1f24', \
     $map_light using 1:2:3 with labels font ',12' textcolor rgb '#ffffff'
$map << EOD
0 0 0.5
1 0 0.5
EOD
$map_dark << EOD
-9 -9 0
EOD
$map_light << EOD
0 0 "2/4"
1 0 "2/4"
EOD
set palette defined (0 '#ffffff', 0.05 '#e3eef6', 0.5 '#6fa8d0', 1 '#0b3c5d')
set cbrange [0:1]
unset colorbox
unset key
unset grid
unset border
set title 'other: 4 of 8 runs'
set xlabel 'lag of the controller''s cache'
set ylabel 'from deletion to creation'
set xtics ('0 ms' 0, '50 ms' 1) scale 0
set ytics ('0 ms' 0) scale 0
set xrange [-0.5:1.5]
set yrange [0.5:-0.5]
plot $map using 1:2:($1-0.5):($1+0.5):($2-0.5):($2+0.5) with boxxyerror fs solid noborder lc rgb '#d8dee4', \
     '' using 1:2:($1-0.485):($1+0.485):($2-0.47):($2+0.47):3 with boxxyerror fs solid noborder lc palette, \
     $map_dark using 1:2:3 with labels font ',12' textcolor rgb '#1b1f24', \
     $map_light using 1:2:3 with labels font ',12' textcolor rgb '#ffffff'
unset multiplot
