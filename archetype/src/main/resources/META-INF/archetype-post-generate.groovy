// Groovy is slow to start, and each call in it costs: the work is done in Java, compiled already.
Thread.currentThread().contextClassLoader.loadClass('dev.plimsoll.archetype.Generator')
        .generate(request)
