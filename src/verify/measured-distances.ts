import type { MeasuredDistances } from "./measured.ts";

// biome-ignore format: written by bench/numerics-distance.ts
export const MEASURED: MeasuredDistances = {
  "from": "official",
  "interpreter": "reference",
  "date": "2026-11-22",
  "command": "node bench/numerics-distance.ts --questions 12 --scale 100e6 --positions 100 --seed 1 --write",
  "on": [
    {
      "model": "minnow",
      "tokens": "its answers",
      "randomWeights": false,
      "vocabulary": 1024,
      "floor": {
        "positions": 1440,
        "kl": {
          "mean": 0.0000022372665565086547,
          "median": 1.4435776759342014e-8,
          "p99": 0.000028905654023484948,
          "max": 0.0007126896494113638
        },
        "sameTop": 1,
        "largestLogitDifference": 5.0224223136901855,
        "logLikelihood": {
          "positions": 1428,
          "mean": -0.000018225320017663572
        },
        "entropy": 0.000644780798870216
      },
      "distances": {
        "float": {
          "positions": 1440,
          "kl": {
            "mean": 0.0000015285605920191496,
            "median": 1.582392692459852e-8,
            "p99": 0.000019194298473139077,
            "max": 0.0007583004849596126
          },
          "sameTop": 1,
          "largestLogitDifference": 4.524572849273682,
          "logLikelihood": {
            "positions": 1428,
            "mean": -0.000005723892551731521
          },
          "entropy": 0.000644780798870216
        },
        "int8": {
          "positions": 1440,
          "kl": {
            "mean": 0.0000017225854652233661,
            "median": 1.7806107034839417e-8,
            "p99": 0.000014188427839498847,
            "max": 0.0007084955421419176
          },
          "sameTop": 1,
          "largestLogitDifference": 4.668659210205078,
          "logLikelihood": {
            "positions": 1428,
            "mean": -0.0000059633930800113255
          },
          "entropy": 0.000644780798870216
        }
      }
    },
    {
      "model": "minnow",
      "tokens": "questions to it",
      "randomWeights": false,
      "vocabulary": 1024,
      "floor": {
        "positions": 1069,
        "kl": {
          "mean": 0.01730955299486426,
          "median": 0.0023131404031809743,
          "p99": 0.38727412345843826,
          "max": 0.5267572078585085
        },
        "sameTop": 0.9541627689429373,
        "largestLogitDifference": 4.675848484039307,
        "logLikelihood": {
          "positions": 1069,
          "mean": 0.021517050413025457
        },
        "entropy": 2.4482508534017198
      },
      "distances": {
        "float": {
          "positions": 1069,
          "kl": {
            "mean": 0.01778539076811758,
            "median": 0.0033849677033549164,
            "p99": 0.4988755549678239,
            "max": 0.4988755549678239
          },
          "sameTop": 0.9550982226379794,
          "largestLogitDifference": 4.632016181945801,
          "logLikelihood": {
            "positions": 1069,
            "mean": 0.04248901458903356
          },
          "entropy": 2.4482508534017198
        },
        "int8": {
          "positions": 1069,
          "kl": {
            "mean": 0.022191803977532922,
            "median": 0.004351757089942973,
            "p99": 0.5130855753634559,
            "max": 0.5130855753634559
          },
          "sameTop": 0.9457436856875585,
          "largestLogitDifference": 4.630432844161987,
          "logLikelihood": {
            "positions": 1069,
            "mean": 0.03961559020551987
          },
          "entropy": 2.4482508534017198
        }
      }
    },
    {
      "model": "100 M random weights",
      "tokens": "random tokens",
      "randomWeights": true,
      "vocabulary": 64640,
      "floor": {
        "positions": 100,
        "kl": {
          "mean": 0.04680454234616081,
          "median": 0.02819110971959609,
          "p99": 0.2085116204083985,
          "max": 0.3502503506278482
        },
        "sameTop": 0.76,
        "largestLogitDifference": 3.3073723316192627,
        "entropy": 6.788574066806842
      },
      "distances": {
        "float": {
          "positions": 100,
          "kl": {
            "mean": 0.08231109531464599,
            "median": 0.06496920993415767,
            "p99": 0.32267204110191694,
            "max": 0.4349639847076608
          },
          "sameTop": 0.67,
          "largestLogitDifference": 3.6867854818701744,
          "entropy": 6.788574066806842
        },
        "int8": {
          "positions": 100,
          "kl": {
            "mean": 0.09644331690913167,
            "median": 0.08398722859814867,
            "p99": 0.28980742443029234,
            "max": 0.4101450443127008
          },
          "sameTop": 0.69,
          "largestLogitDifference": 3.469361901283264,
          "entropy": 6.788574066806842
        }
      }
    }
  ]
};
