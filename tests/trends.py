"""What it takes to look into a trend. The fixtures are in fixtures_trend."""


def series_of(trend, name):
    """Return the series of the concept called *name*."""
    return next(each for found in trend.series.values() for each in found if each.concept.id == name)


def point_of(trend, name, year):
    """Return what *year* says of the concept called *name*."""
    return next(point for point in series_of(trend, name).points if point.year == year)
