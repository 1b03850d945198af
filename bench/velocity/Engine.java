// Measures Apache Velocity; README.md says what every one of these programs takes and prints.
import java.io.StringWriter;
import java.nio.file.*;
import java.util.*;
import java.util.function.Supplier;
import org.apache.velocity.*;
import org.apache.velocity.app.VelocityEngine;
import org.apache.velocity.runtime.resource.loader.StringResourceLoader;

public class Engine {
    /** What a template sees as `$input`. */
    public interface Input {
        Object path(String path);
    }

    /** The body is parsed once. */
    public static class Parsed implements Input {
        private final Object payload;
        Parsed(String body) { payload = new Json(body).value(); }
        public Object path(String path) { root(path); return payload; }
    }

    /** The body is parsed whenever a template asks for it. */
    public static class Parsing implements Input {
        private final String body;
        Parsing(String body) { this.body = body; }
        public Object path(String path) { root(path); return new Json(body).value(); }
    }

    /** What a template sees as `$util`. */
    public static class Util {
        public String escapeJavaScript(String text) {
            StringBuilder out = new StringBuilder(text.length() + 8);
            for (int at = 0; at < text.length(); at++) {
                char next = text.charAt(at);
                if (next == '"' || next == '\'' || next == '\\' || next == '/') out.append('\\');
                out.append(next);
            }
            return out.toString();
        }
    }

    static void root(String path) {
        if (!path.equals("$")) throw new IllegalArgumentException("no path but $: " + path);
    }

    /** Reads JSON that is known to be valid and has no \\u: the JDK has no reader. */
    static class Json {
        private final String text;
        private int at;

        Json(String text) { this.text = text; }

        Object value() {
            switch (text.charAt(at)) {
                case '{': {
                    Map<String, Object> map = new LinkedHashMap<>();
                    for (at++; text.charAt(at) != '}'; comma()) {
                        String key = string();
                        at++; // the colon
                        map.put(key, value());
                    }
                    at++;
                    return map;
                }
                case '[': {
                    List<Object> list = new ArrayList<>();
                    for (at++; text.charAt(at) != ']'; comma()) list.add(value());
                    at++;
                    return list;
                }
                case '"': return string();
                case 't': at += 4; return true;
                case 'f': at += 5; return false;
                case 'n': at += 4; return null;
                default: return number();
            }
        }

        private void comma() { if (text.charAt(at) == ',') at++; }

        private String string() {
            int from = ++at;
            while (text.charAt(at) != '"' && text.charAt(at) != '\\') at++;
            if (text.charAt(at) == '"') return text.substring(from, at++);
            StringBuilder out = new StringBuilder().append(text, from, at);
            for (; text.charAt(at) != '"'; at++) {
                if (text.charAt(at) == '\\') at++;
                out.append(text.charAt(at));
            }
            at++;
            return out.toString();
        }

        private Object number() {
            int from = at;
            while (",]}".indexOf(text.charAt(at)) < 0) at++;
            String digits = text.substring(from, at);
            if (digits.indexOf('.') < 0) return Integer.valueOf(digits);
            return Double.valueOf(digits);
        }
    }

    static Template compiled(String text) {
        VelocityEngine engine = new VelocityEngine();
        engine.setProperty("runtime.log.logsystem.class", "org.apache.velocity.runtime.log.NullLogChute");
        engine.setProperty("resource.loader", "string");
        engine.setProperty("string.resource.loader.class", StringResourceLoader.class.getName());
        engine.setProperty("velocimacro.library", "");
        engine.init();
        StringResourceLoader.getRepository().putStringResource("order", text);
        return engine.getTemplate("order");
    }

    static String render(Template template, Input input, Util util) {
        VelocityContext context = new VelocityContext();
        context.put("input", input);
        context.put("util", util);
        StringWriter out = new StringWriter(4096);
        template.merge(context, out);
        return out.toString();
    }

    static String shim(Input input, Util util) {
        Map<?, ?> order = (Map<?, ?>) input.path("$");
        return util.escapeJavaScript((String) ((Map<?, ?>) order.get("customer")).get("name"));
    }

    static long sink;

    static long batch(long calls, Supplier<String> work) {
        long begun = System.nanoTime();
        for (long call = 0; call < calls; call++) sink += work.get().length();
        return System.nanoTime() - begun;
    }

    /** How many calls fit into a hundredth of the warm-up. */
    static long warm(double seconds, Supplier<String> work) {
        long calls = 0;
        long spent = 0;
        do {
            spent += batch(1, work);
            calls++;
        } while (spent < seconds * 1e9);
        return (calls + 99) / 100;
    }

    /** The median times of a call in nanoseconds. The works take turns, so that noise meets all of them. */
    static long[] medians(double seconds, List<Supplier<String>> works) {
        long[] sizes = works.stream().mapToLong(work -> warm(seconds, work)).toArray();
        double[][] times = new double[sizes.length][100];
        for (int round = 0; round < 100; round++) {
            for (int at = 0; at < sizes.length; at++) times[at][round] = (double) batch(sizes[at], works.get(at)) / sizes[at];
        }
        return Arrays.stream(times).mapToLong(all -> Math.round(Arrays.stream(all).sorted().toArray()[50])).toArray();
    }

    public static void main(String[] args) throws Exception {
        Template template = compiled(Files.readString(Path.of(args[0])));
        String body = Files.readString(Path.of(args[1])).trim();
        Util util = new Util();
        Input parsed = new Parsed(body);
        Input parsing = new Parsing(body);
        long[] medians = medians(Double.parseDouble(args[2]), List.of(
            () -> render(template, parsed, util), () -> shim(parsed, util),
            () -> render(template, parsing, util), () -> shim(parsing, util)));
        System.out.printf("W5 %d %d\nW5-parsing %d %d\n\n", medians[0], medians[1], medians[2], medians[3]);
        if (sink == 0) throw new IllegalStateException("nothing was rendered");
        System.out.print(render(template, parsing, util));
    }
}
