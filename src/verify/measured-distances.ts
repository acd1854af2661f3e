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
          "mean": 0.0000014162447140925264,
          "median": 1.692420438241703e-8,
          "p99": 0.000026669209243611006,
          "max": 0.0004957590505494092
        },
        "sameTop": 1,
        "largestLogitDifference": 4.868448853492737,
        "logLikelihood": {
          "positions": 1428,
          "mean": 0.000009907529920479522
        },
        "entropy": 0.0007216425967609444
      },
      "distances": {
        "float": {
          "positions": 1440,
          "kl": {
            "mean": 0.000003439287487443568,
            "median": 1.7932415975126373e-8,
            "p99": 0.000029216960482294216,
            "max": 0.0013314966443685047
          },
          "sameTop": 1,
          "largestLogitDifference": 4.740711331367493,
          "logLikelihood": {
            "positions": 1428,
            "mean": 0.000022073732855437848
          },
          "entropy": 0.0007216425967609444
        },
        "int8": {
          "positions": 1440,
          "kl": {
            "mean": 0.000002950270791073249,
            "median": 2.1873632033760698e-8,
            "p99": 0.000038313971576288115,
            "max": 0.0015099904764444988
          },
          "sameTop": 1,
          "largestLogitDifference": 4.6711989641189575,
          "logLikelihood": {
            "positions": 1428,
            "mean": 0.0000022172340435064555
          },
          "entropy": 0.0007216425967609444
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
          "mean": 0.01663726974197634,
          "median": 0.0023193961647443207,
          "p99": 0.2779976147017065,
          "max": 1.3790709549014273
        },
        "sameTop": 0.9550982226379794,
        "largestLogitDifference": 4.0987608432769775,
        "logLikelihood": {
          "positions": 1069,
          "mean": -0.020276082238119792
        },
        "entropy": 3.070290611499521
      },
      "distances": {
        "float": {
          "positions": 1069,
          "kl": {
            "mean": 0.014355083614308125,
            "median": 0.004372370432826093,
            "p99": 0.5456952530268009,
            "max": 0.5456952530268009
          },
          "sameTop": 0.9289055191768008,
          "largestLogitDifference": 2.964210867881775,
          "logLikelihood": {
            "positions": 1069,
            "mean": 0.0030366748703934
          },
          "entropy": 3.070290611499521
        },
        "int8": {
          "positions": 1069,
          "kl": {
            "mean": 0.03697563194242122,
            "median": 0.005355336590799597,
            "p99": 1.3276586134076462,
            "max": 1.3276586134076462
          },
          "sameTop": 0.9045837231057062,
          "largestLogitDifference": 4.066450834274292,
          "logLikelihood": {
            "positions": 1069,
            "mean": -0.023622440229785872
          },
          "entropy": 3.070290611499521
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
