"""Import everything that a build needs, for the server from which the processes of builds are copied: to import this is to do it."""

from nianbao.build import pipeline

pipeline.preload()
