# SPDX-License-Identifier: MIT
"""Synthesised sounds for training and demonstration: alarms after the standards, what resembles
them, vacuum cleaners, quiet rooms, and the rooms and microphones all of them are heard through.

Everything is mono at RATE, float64, drawn from one numpy Generator: the same seed gives the same
samples.
"""
