"""Training of many small models at once, and what it finds, in a store.

models.MODELS, models.Architecture, sizing.sized     what is trained, with equal parameters
loop.train(Plan(task, architecture), seeds)          results by seed, resumed after a kill to the same bytes
evaluation.evaluate(model, task, length)             exact counts of right answers, by stratum
statistics                                           intervals over seeds
study.Study, kept.measured                           plans that answer a question; results that processes share
"""
