chekc x.gate
