"""Statistics of coarsened, cumulative and few figures: arrays in, frozen dataclasses out."""
