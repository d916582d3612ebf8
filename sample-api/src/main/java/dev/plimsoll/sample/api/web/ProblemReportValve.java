package dev.plimsoll.sample.api.web;

import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;

/** Tomcat's last word on a request that it can't even parse: a problem, without the server's name and version. */
public class ProblemReportValve extends ErrorReportValve {

    private static final Log log = LogFactory.getLog(ProblemReportValve.class);

    @Override
    protected void report(Request request, Response response, Throwable throwable) {
        var status = response.getStatus();
        if (status < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
            return;
        }
        var known = HttpStatus.resolve(status);
        try {
            response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
            response.setCharacterEncoding("utf-8");
            var writer = response.getReporter();
            if (writer != null) {
                writer.write("{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d}"
                        .formatted(known == null ? "Error" : known.getReasonPhrase(), status));
                response.finishResponse();
            }
        } catch (IOException e) {
            log.debug("The client went away before it was told its error", e);
        }
    }
}
