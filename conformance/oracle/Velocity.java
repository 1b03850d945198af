// Renders templates with Apache Velocity 1.7: a line of base64 in, a line out. `ok` and the output in base64,
// `parse` or `runtime` with the first words of the exception. A reference that leads to nothing has the value "".
import java.io.*;
import java.nio.charset.StandardCharsets;
import java.util.*;
import org.apache.velocity.VelocityContext;
import org.apache.velocity.app.VelocityEngine;
import org.apache.velocity.app.event.EventCartridge;
import org.apache.velocity.app.event.InvalidReferenceEventHandler;
import org.apache.velocity.app.event.ReferenceInsertionEventHandler;
import org.apache.velocity.context.Context;
import org.apache.velocity.exception.ParseErrorException;
import org.apache.velocity.util.introspection.Info;

public class Velocity {
    public static class Nothing implements ReferenceInsertionEventHandler, InvalidReferenceEventHandler {
        public Object referenceInsert(String reference, Object value) { return value == null ? "" : value; }
        public Object invalidGetMethod(Context c, String ref, Object o, String property, Info i) { return ""; }
        public Object invalidMethod(Context c, String ref, Object o, String method, Info i) { return ""; }
        public boolean invalidSetMethod(Context c, String left, String right, Info i) { return false; }
    }

    static String encoded(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    static VelocityEngine engine() {
        VelocityEngine engine = new VelocityEngine();
        engine.setProperty("runtime.log.logsystem.class", "org.apache.velocity.runtime.log.NullLogChute");
        engine.setProperty("resource.loader", "string");
        engine.setProperty("string.resource.loader.class", "org.apache.velocity.runtime.resource.loader.StringResourceLoader");
        engine.setProperty("velocimacro.library", "");
        engine.setProperty("directive.foreach.maxloops", "1000");
        engine.setProperty("parser.pool.size", "1");
        engine.init();
        return engine;
    }

    static String render(String template) {
        VelocityContext context = new VelocityContext();
        EventCartridge handlers = new EventCartridge();
        handlers.addEventHandler(new Nothing());
        handlers.attachToContext(context);
        StringWriter out = new StringWriter();
        try {
            // A parser that once failed keeps some state: a fresh engine for each.
            engine().evaluate(context, out, "template", template);
            return "ok " + encoded(out.toString());
        } catch (ParseErrorException e) {
            return "parse " + encoded(String.valueOf(e.getMessage()));
        } catch (Throwable e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            return "runtime " + encoded(cause.toString());
        }
    }

    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, "US-ASCII");
        // Velocity writes to standard error when a template is no template.
        System.setErr(new PrintStream(OutputStream.nullOutputStream()));
        for (String line; (line = in.readLine()) != null; ) {
            out.println(render(new String(Base64.getDecoder().decode(line), StandardCharsets.UTF_8)));
        }
    }
}
