package dev.quipforge.cuda.driver;

import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ConditionalExpressionTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ParenthesizedTree;
import com.sun.source.tree.ReturnTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.lang.model.element.Element;
import javax.lang.model.element.TypeElement;
import javax.lang.model.element.VariableElement;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/** Every call of {@link Kernels#launch} in our sources, as the compiler understands it. */
final class LaunchSites {

    /** Arguments of {@code launch} before those of the kernel. */
    private static final int FIRST = 3;

    /** A method that puts the arguments it is given between rows and columns and the address and stride of a matrix. */
    private static final String ELEMENTWISE = "elementwise";

    private final Trees trees;
    private final Map<Element, List<TreePath>> calls = new HashMap<>();
    private final Map<Element, TreePath> variables = new HashMap<>();
    private final Map<Element, TreePath> methods = new HashMap<>();

    /**
     * A call, with one of the modules that it may name.
     *
     * @param place file and line
     * @param module of the kernel
     * @param names regular expressions for the kernels that it may launch; a name without a backslash is only itself
     * @param arguments boxed types of the kernel's arguments, by their simple names
     */
    record Site(String place, String module, SortedSet<String> names, List<String> arguments) {}

    private LaunchSites(Trees trees) {
        this.trees = trees;
    }

    /** Reads source files. */
    static List<Site> in(List<Path> sources) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            List<String> options = List.of("-proc:none", "-classpath", System.getProperty("java.class.path"));
            JavacTask task = (JavacTask)
                    compiler.getTask(null, files, null, options, null, files.getJavaFileObjectsFromPaths(sources));
            Iterable<? extends CompilationUnitTree> units = task.parse();
            task.analyze();
            LaunchSites sites = new LaunchSites(Trees.instance(task));
            units.forEach(unit -> sites.new Collector().scan(unit, null));
            return sites.sites();
        }
    }

    private final class Collector extends TreePathScanner<Void, Void> {

        @Override
        public @Nullable Void visitMethodInvocation(MethodInvocationTree call, @Nullable Void nothing) {
            Element method = trees.getElement(new TreePath(getCurrentPath(), call.getMethodSelect()));
            calls.computeIfAbsent(method, _ -> new ArrayList<>()).add(getCurrentPath());
            return super.visitMethodInvocation(call, null);
        }

        @Override
        public @Nullable Void visitVariable(VariableTree variable, @Nullable Void nothing) {
            variables.put(trees.getElement(getCurrentPath()), getCurrentPath());
            return super.visitVariable(variable, null);
        }

        @Override
        public @Nullable Void visitMethod(MethodTree method, @Nullable Void nothing) {
            methods.put(trees.getElement(getCurrentPath()), getCurrentPath());
            return super.visitMethod(method, null);
        }
    }

    private List<Site> sites() {
        return calls.entrySet().stream()
                .filter(entry -> isLaunch(entry.getKey()))
                .flatMap(entry -> entry.getValue().stream())
                .flatMap(this::sites)
                .toList();
    }

    private static boolean isLaunch(Element method) {
        return method.getSimpleName().contentEquals("launch")
                && method.getEnclosingElement() instanceof TypeElement type
                && type.getQualifiedName().contentEquals(Kernels.class.getName());
    }

    private Stream<Site> sites(TreePath call) {
        return names(argument(call, 0)).stream().flatMap(module -> sites(call, module));
    }

    private Stream<Site> sites(TreePath call, String module) {
        List<TreePath> arguments = arguments(call, FIRST);
        if (arguments.size() != 1 || type(arguments.getFirst()).getKind() != TypeKind.ARRAY) {
            return Stream.of(new Site(place(call), module, names(argument(call, 1)), types(arguments)));
        }
        Element wrapper = trees.getElement(enclosing(call, Tree.Kind.METHOD));
        if (!wrapper.getSimpleName().contentEquals(ELEMENTWISE)) {
            throw new AssertionError(place(call) + ": an array of arguments (expected: one by one)");
        }
        return calls.getOrDefault(wrapper, List.of()).stream().map(outer -> {
            List<String> types = new ArrayList<>(List.of("Long", "Long"));
            types.addAll(types(arguments(outer, 2)));
            types.addAll(List.of("Long", "Long"));
            return new Site(place(outer), module, names(argument(outer, 0)), types);
        });
    }

    private static TreePath argument(TreePath call, int index) {
        return arguments(call, index).getFirst();
    }

    private static List<TreePath> arguments(TreePath call, int from) {
        List<? extends ExpressionTree> all = ((MethodInvocationTree) call.getLeaf()).getArguments();
        return all.subList(from, all.size()).stream()
                .map(argument -> new TreePath(call, argument))
                .toList();
    }

    private List<String> types(List<TreePath> arguments) {
        return arguments.stream()
                .map(this::type)
                .flatMap(type -> switch (type.getKind()) {
                    case LONG -> Stream.of("Long");
                    case INT -> Stream.of("Integer");
                    case FLOAT -> Stream.of("Float");
                    default ->
                        type.toString().equals(DeviceMatrix.class.getName())
                                ? Stream.of("Long", "Long")
                                : Stream.of(type.toString());
                })
                .toList();
    }

    private TypeMirror type(TreePath expression) {
        return trees.getTypeMirror(expression);
    }

    /** What the text of an expression can be, where the sources say so; else any word or number. */
    private SortedSet<String> names(TreePath path) {
        return switch (path.getLeaf()) {
            case LiteralTree literal -> new TreeSet<>(List.of(String.valueOf(literal.getValue())));
            case ParenthesizedTree inner -> names(new TreePath(path, inner.getExpression()));
            case ConditionalExpressionTree choice -> {
                SortedSet<String> both = names(new TreePath(path, choice.getTrueExpression()));
                both.addAll(names(new TreePath(path, choice.getFalseExpression())));
                yield both;
            }
            case BinaryTree sum
            when sum.getKind() == Tree.Kind.PLUS && !isInteger(path) -> {
                SortedSet<String> whole = new TreeSet<>();
                for (String left : names(new TreePath(path, sum.getLeftOperand()))) {
                    names(new TreePath(path, sum.getRightOperand())).forEach(right -> whole.add(left + right));
                }
                yield whole;
            }
            case MethodInvocationTree call -> returned(new TreePath(path, call.getMethodSelect()), path);
            default -> valueOf(path);
        };
    }

    private boolean isInteger(TreePath path) {
        return type(path).getKind() == TypeKind.INT;
    }

    /** The text that a method of ours returns in its only statement. */
    private SortedSet<String> returned(TreePath method, TreePath call) {
        TreePath declaration = methods.get(trees.getElement(method));
        if (declaration != null
                && ((MethodTree) declaration.getLeaf()).getBody() != null
                && ((MethodTree) declaration.getLeaf())
                                .getBody()
                                .getStatements()
                                .getFirst()
                        instanceof ReturnTree result) {
            return names(new TreePath(
                    new TreePath(new TreePath(declaration, ((MethodTree) declaration.getLeaf()).getBody()), result),
                    result.getExpression()));
        }
        return unknown(call);
    }

    /** The text of a constant, of a variable with its only value, or of a parameter of a method of ours. */
    private SortedSet<String> valueOf(TreePath path) {
        Element element = trees.getElement(path);
        if (!(element instanceof VariableElement variable)) {
            return unknown(path);
        }
        if (variable.getConstantValue() != null) {
            return new TreeSet<>(List.of(String.valueOf(variable.getConstantValue())));
        }
        TreePath declaration = variables.get(variable);
        if (declaration == null || isInteger(path)) {
            return unknown(path);
        }
        ExpressionTree initial = ((VariableTree) declaration.getLeaf()).getInitializer();
        if (initial != null) {
            return names(new TreePath(declaration, initial));
        }
        if (!(declaration.getParentPath().getLeaf() instanceof MethodTree method)) {
            return unknown(path);
        }
        int index = method.getParameters().indexOf((VariableTree) declaration.getLeaf());
        SortedSet<String> passed = new TreeSet<>();
        calls.getOrDefault(trees.getElement(declaration.getParentPath()), List.of())
                .forEach(call -> passed.addAll(names(argument(call, index))));
        return passed.isEmpty() ? unknown(path) : passed;
    }

    private SortedSet<String> unknown(TreePath path) {
        return new TreeSet<>(List.of(isInteger(path) ? "\\d+" : "\\w+"));
    }

    private static TreePath enclosing(TreePath path, Tree.Kind kind) {
        TreePath outer = path;
        while (outer.getLeaf().getKind() != kind) {
            outer = outer.getParentPath();
        }
        return outer;
    }

    private String place(TreePath call) {
        CompilationUnitTree unit = call.getCompilationUnit();
        long at = trees.getSourcePositions().getStartPosition(unit, call.getLeaf());
        String file = Path.of(unit.getSourceFile().toUri()).getFileName().toString();
        return file + ":" + unit.getLineMap().getLineNumber(at);
    }
}
