package dev.plimsoll.sample.api.embedded;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.sql.SQLException;

/** `./run databases`: both databases for as long as its standard input stays open; says in JSON where they are. */
final class Databases {

    private Databases() {}

    static void main() throws IOException, SQLException {
        // Standard output is for the one line that a program reads; everything else may go to the other one.
        var out = System.out;
        System.setOut(new PrintStream(System.err, true));
        try (var databases = EmbeddedDatabases.start()) {
            out.println(databases.toJson());
            out.flush();
            System.in.transferTo(OutputStream.nullOutputStream());
        }
    }
}
