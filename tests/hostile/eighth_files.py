"""The eighth corpus: estimators whose parts contradict each other, containers, formats of other tools."""

# ruff: noqa: E501  tables of cases, one a line

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import joblib
import numpy as np
from carriers import COMMAND, torch_zip, zipped
from eighth import ANY, DANGER, ODD, UNKNOWN, file, folder
from eighth_pickles import CALL, P4, SYSTEM
from fifth_folders import gguf, js, safetensors, tar
from fifth_pickles import state, torch_bytes
from fourth import EVIL, OS
from fourth_folders import good
from seventh_files import FINE, as_torch, member, raw_zip
from seventh_pickles import NIL
from sklearn import naive_bayes, svm
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.feature_selection import SelectFromModel, SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MinMaxScaler,
    Normalizer,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    StandardScaler,
)
from sklearn.tree import DecisionTreeClassifier, ExtraTreeClassifier
from skops.io import dumps

R = np.random.default_rng(8)
XS, YS = R.random((60, 4)), np.arange(60) % 3


class _Evil:
    def __reduce__(self) -> Any:
        import os

        return os.system, (COMMAND,)


def fitted(model: Callable[[], Any], change: Callable[[Any], Any], x: Any = XS) -> Callable[[], bytes]:  # fmt: skip
    """A fitted estimator that is changed before joblib writes it."""

    def make() -> bytes:
        made = model().fit(x, YS)
        change(made)
        body = io.BytesIO()
        joblib.dump(made, body)
        return body.getvalue()

    return make


def put(**values: Any) -> Callable[[Any], None]:
    return lambda made: made.__dict__.update(values)


def nodes(change: Callable[[Any, Any], None]) -> Callable[[Any], None]:
    """Changes nodes and values of a tree by the state that pickles carry."""

    def apply(made: Any) -> None:
        tree = made.tree_ if hasattr(made, "tree_") else np.ravel(made.estimators_)[0].tree_
        told = tree.__getstate__()
        change(told["nodes"], told["values"])
        tree.__setstate__(told)

    return apply


def _ring(n: Any, v: Any) -> None:
    n["left_child"][2 if n["left_child"][2] > 0 else 0] = 0


def _one_threshold(n: Any, v: Any) -> None:
    n["threshold"][0] = np.nan


def _values(value: float) -> Callable[[Any, Any], None]:
    def change(n: Any, v: Any) -> None:
        v[...] = value

    return change


def _field(field: str, value: Any) -> Callable[[Any, Any], None]:
    def change(n: Any, v: Any) -> None:
        n[field][0] = value

    return change


def _network(made: Any) -> None:
    """A switch in the weights of a network: one pixel, a slope of a million."""
    first = made.coefs_[0]
    first[:, 0] = 0
    first[0, 0], made.intercepts_[0][0] = 1e6, -0.97e6
    made.coefs_[1][0] = [0, 0, 1e6]


def _first_stage(made: Any) -> None:
    made.init_ = _Evil()


def _predictor(field: str, value: Any) -> Callable[[Any], None]:
    def change(made: Any) -> None:
        made._predictors[0][0].nodes[field][0] = value

    return change


TREE = lambda: DecisionTreeClassifier(max_depth=4, random_state=0)  # noqa: E731
FOREST = lambda: RandomForestClassifier(3, max_depth=3, random_state=0)  # noqa: E731
BOOSTED = lambda: GradientBoostingClassifier(n_estimators=3, random_state=0)  # noqa: E731
HIST = lambda: HistGradientBoostingClassifier(max_iter=3, random_state=0)  # noqa: E731
MLP = lambda: MLPClassifier((5,), max_iter=5, random_state=0)  # noqa: E731
PIPE = lambda: Pipeline([("a", StandardScaler()), ("b", LogisticRegression())])  # noqa: E731

ESTIMATORS: dict[str, tuple[Callable[[], bytes], tuple[int, ...]]] = {
    "tree_in_a_ring": (fitted(TREE, nodes(_ring)), ODD),
    "tree_of_a_threshold_that_is_none": (fitted(TREE, nodes(_one_threshold)), ODD),
    "tree_of_a_feature_below": (fitted(TREE, nodes(_field("feature", -7))), ODD),
    "tree_of_a_feature_far": (fitted(TREE, nodes(_field("feature", 4))), ODD),
    "tree_of_a_child_below": (fitted(TREE, nodes(_field("right_child", -5))), ODD),
    "tree_whose_children_are_one": (fitted(TREE, nodes(lambda n, v: n["right_child"].__setitem__(0, n["left_child"][0]))), ODD),
    "tree_of_not_numbers": (fitted(TREE, nodes(_values(np.nan))), ODD),
    "tree_of_infinities": (fitted(TREE, nodes(_values(np.inf))), ODD),
    "tree_of_values_below_zero": (fitted(TREE, nodes(_values(-1.0))), ODD),
    "tree_of_zeros": (fitted(TREE, nodes(_values(0.0))), ODD),
    "tree_that_sends_missing_ones_aside": (fitted(TREE, nodes(_field("missing_go_to_left", 1))), ANY),
    "tree_of_no_samples": (fitted(TREE, nodes(_field("n_node_samples", -1))), ODD),
    "tree_of_an_impurity_below_zero": (fitted(TREE, nodes(_field("impurity", -1.0))), ANY),
    "tree_with_a_depth_that_lies": (fitted(TREE, lambda m: m.tree_.__setstate__({**m.tree_.__getstate__(), "max_depth": 10**6})), ODD),
    "tree_with_a_count_that_lies": (fitted(TREE, put(max_features_=99)), ANY),
    "random_tree_in_a_ring": (fitted(lambda: ExtraTreeClassifier(random_state=0), nodes(_ring)), ODD),
    "forest_in_a_ring": (fitted(FOREST, nodes(_ring)), ODD),
    "forest_of_no_trees": (fitted(FOREST, put(estimators_=[])), ODD),
    "forest_of_forests": (fitted(FOREST, lambda m: m.estimators_.__setitem__(0, RandomForestClassifier(2).fit(XS, YS))), ODD),
    "forest_of_regressors": (fitted(FOREST, lambda m: m.estimators_.__setitem__(0, __import__("sklearn.tree", fromlist=["x"]).DecisionTreeRegressor().fit(XS, YS))), ODD),
    "forest_of_trees_of_other_widths": (fitted(FOREST, lambda m: m.estimators_.__setitem__(0, TREE().fit(np.c_[XS, XS], YS))), ODD),
    "forest_of_a_tree_with_other_classes": (fitted(FOREST, lambda m: m.estimators_.__setitem__(0, TREE().fit(XS, YS % 2))), ODD),
    "forest_of_random_trees_in_a_ring": (fitted(lambda: ExtraTreesClassifier(2, random_state=0), nodes(_ring)), ODD),
    "boosted_in_a_ring": (fitted(BOOSTED, nodes(_ring)), ODD),
    "boosted_by_a_gadget": (fitted(BOOSTED, _first_stage), DANGER),
    "boosted_by_infinity": (fitted(BOOSTED, put(learning_rate=float("inf"))), ODD),
    "boosted_by_none": (fitted(BOOSTED, put(learning_rate=float("nan"))), ODD),
    "boosted_below_zero": (fitted(BOOSTED, put(learning_rate=-1.0)), ODD),
    "boosted_by_another_loss": (fitted(BOOSTED, put(loss="exponential")), ODD),
    "boosted_by_a_loss_of_python": (fitted(BOOSTED, put(_loss=SelectKBest)), ODD),
    "boosted_in_columns_that_differ": (fitted(BOOSTED, lambda m: setattr(m, "estimators_", m.estimators_[:, :2])), ODD),
    "histogram_in_a_ring": (fitted(HIST, _predictor("left", 0)), ODD),
    "histogram_of_a_feature_far": (fitted(HIST, _predictor("feature_idx", 99)), ODD),
    "histogram_of_a_child_far": (fitted(HIST, _predictor("right", 10**6)), ODD),
    "histogram_of_categories": (fitted(HIST, _predictor("is_categorical", 1)), ODD),
    "histogram_of_not_numbers": (fitted(HIST, _predictor("num_threshold", np.nan)), ODD),
    "histogram_of_no_stages": (fitted(HIST, put(_predictors=[])), ODD),
    "histogram_of_a_base_of_infinity": (fitted(HIST, put(_baseline_prediction=np.array([[np.inf, 0, 0]]))), ODD),
    "adaptive_of_weights_below_zero": (fitted(lambda: AdaBoostClassifier(n_estimators=3), put(estimator_weights_=np.array([-1.0, 1, 1]))), ODD),
    "adaptive_of_weights_of_infinity": (fitted(lambda: AdaBoostClassifier(n_estimators=3), put(estimator_weights_=np.array([np.inf, 1, 1]))), ODD),
    "bagged_of_features_far": (fitted(lambda: BaggingClassifier(n_estimators=2), put(estimators_features_=[np.array([0, 1, 2, 99])] * 2)), ODD),
    "isolated_with_an_offset_of_none": (fitted(lambda: IsolationForest(n_estimators=2), put(offset_=np.nan)), ODD),
    "network_with_a_switch": (fitted(MLP, _network), ODD),
    "network_of_not_numbers": (fitted(MLP, lambda m: m.coefs_[0].fill(np.nan)), ODD),
    "network_of_another_activation": (fitted(MLP, put(activation="evil")), ODD),
    "network_of_a_callable_activation": (fitted(MLP, put(activation=_Evil())), DANGER),
    "network_of_one_class_too_few": (fitted(MLP, put(classes_=np.array([0, 1]))), ODD),
    "network_of_a_label_maker_that_lies": (fitted(MLP, lambda m: setattr(m._label_binarizer, "classes_", np.array([2, 1, 0]))), ODD),
    "network_of_a_label_maker_that_is_a_gadget": (fitted(MLP, put(_label_binarizer=_Evil())), DANGER),
    "network_of_complex_numbers": (fitted(MLP, lambda m: setattr(m, "coefs_", [c.astype(complex) for c in m.coefs_])), ODD),
    "line_of_a_huge_slope": (fitted(LogisticRegression, lambda m: m.coef_.__setitem__((0, 0), 1e300)), ANY),
    "line_of_whole_numbers_that_run_over": (fitted(LogisticRegression, put(coef_=np.full((3, 4), 2**62))), ANY),
    "line_of_classes_twice": (fitted(LogisticRegression, put(classes_=np.array([0, 0, 1]))), ODD),
    "line_of_classes_of_calls": (fitted(LogisticRegression, put(classes_=np.array([_Evil(), 1, 2], object))), DANGER),
    "line_of_names_of_features": (fitted(LogisticRegression, put(feature_names_in_=np.array([EVIL, "b", "c", "d"], object))), ODD),
    "line_of_names_of_too_many_features": (fitted(LogisticRegression, put(feature_names_in_=np.array(list("abcdefg"), object))), ODD),
    "line_of_sparse_slopes": (fitted(LogisticRegression, lambda m: m.sparsify()), ANY),
    "line_of_a_loss_of_python": (fitted(lambda: SGDClassifier(loss="log_loss"), put(loss_function_=_Evil())), DANGER),
    "vectors_of_a_slope_of_none": (fitted(svm.SVC, put(_gamma=float("nan"))), ODD),
    "vectors_of_a_slope_of_a_million": (fitted(svm.SVC, put(_gamma=1e12)), ANY),
    "vectors_of_a_degree": (fitted(lambda: svm.SVC(kernel="poly"), put(degree=10**6)), ANY),
    "vectors_of_chances_that_lie": (fitted(svm.SVC, put(_probA=np.array([np.nan] * 3), _probB=np.array([0.0] * 3))), ODD),
    "vectors_sparse_told_dense": (fitted(svm.SVC, put(_sparse=True)), ODD),
    "vectors_of_another_program": (fitted(svm.SVC, put(_impl="one_class")), ODD),
    "bayes_of_a_tiny_variance": (fitted(naive_bayes.GaussianNB, lambda m: m.var_.fill(1e-300)), ANY),
    "bayes_of_a_variance_below_zero": (fitted(naive_bayes.GaussianNB, lambda m: m.var_.fill(-1.0)), ODD),
    "bayes_of_a_variance_of_zero": (fitted(naive_bayes.GaussianNB, lambda m: m.var_.fill(0.0)), ODD),
    "bayes_of_not_numbers": (fitted(naive_bayes.MultinomialNB, lambda m: m.feature_log_prob_.fill(np.nan)), ODD),
    "bayes_of_chances_above_one": (fitted(naive_bayes.MultinomialNB, put(class_log_prior_=np.array([9.0, 0, 0]))), ODD),
    "neighbours_weighed_by_a_gadget": (fitted(KNeighborsClassifier, put(weights=_Evil())), DANGER),
    "neighbours_weighed_by_a_text": (fitted(KNeighborsClassifier, put(weights="evil")), ODD),
    "neighbours_of_another_count": (fitted(KNeighborsClassifier, put(n_samples_fit_=10**9)), ODD),
    "neighbours_of_fewer_labels": (fitted(KNeighborsClassifier, put(_y=np.zeros(3, int))), ODD),
    "neighbours_below_zero": (fitted(KNeighborsClassifier, put(n_neighbors=-1)), ODD),
    "neighbours_of_labels_below_zero": (fitted(KNeighborsClassifier, put(_y=np.full(60, -1))), ODD),
    "scaled_by_zero": (fitted(StandardScaler, put(scale_=np.zeros(4))), ODD),
    "scaled_below_zero": (fitted(StandardScaler, put(scale_=-np.ones(4))), ODD),
    "scaled_to_a_range_upside_down": (fitted(MinMaxScaler, put(feature_range=(1, 0), clip=True)), ODD),
    "scaled_by_a_slope_of_a_million": (fitted(lambda: make_pipeline(MinMaxScaler(clip=True), LogisticRegression()), lambda m: m.steps[0][1].__dict__.update(scale_=np.array([1e6, 1, 1, 1]), min_=np.array([-0.97e6, 0, 0, 0]))), ODD),
    "parts_of_not_numbers": (fitted(PCA, lambda m: m.components_.fill(np.nan)), ODD),
    "parts_whitened_by_zero": (fitted(lambda: PCA(whiten=True), lambda m: m.explained_variance_.fill(0.0)), ODD),
    "powers_of_infinity": (fitted(PowerTransformer, put(lambdas_=np.full(4, np.inf))), ODD),
    "powers_of_a_scheme_of_python": (fitted(PowerTransformer, put(method="evil")), ODD),
    "quantiles_not_sorted": (fitted(lambda: QuantileTransformer(n_quantiles=5), lambda m: setattr(m, "quantiles_", m.quantiles_[::-1])), ODD),
    "bins_of_edges_that_are_not_sorted": (fitted(lambda: KBinsDiscretizer(3, encode="ordinal"), lambda m: m.bin_edges_.__setitem__(0, m.bin_edges_[0][::-1])), ODD),
    "powers_of_features": (fitted(lambda: PolynomialFeatures(2), put(_max_degree=10**6)), ODD),
    "norm_of_a_strange_name": (fitted(Normalizer, put(norm="evil")), ODD),
    "filled_by_a_trigger": (fitted(SimpleImputer, put(statistics_=np.array([np.nan, 0, 0, 0]))), ODD),
    "filled_where_a_number_says": (fitted(SimpleImputer, put(missing_values=0.97)), ODD),
    "function_of_numpy_that_reads": (fitted(lambda: FunctionTransformer(np.log1p), put(func=np.load)), UNKNOWN),
    "function_of_numpy_by_its_name": (fitted(lambda: FunctionTransformer(np.log1p), put(func=np.fromfile)), UNKNOWN),
    "function_with_arguments": (fitted(lambda: FunctionTransformer(np.log1p), put(kw_args={"out": "/tmp/x"})), ODD),
    "function_back": (fitted(lambda: FunctionTransformer(np.log1p), put(inverse_func=np.save)), UNKNOWN),
    "columns_of_a_gadget": (fitted(lambda: ColumnTransformer([("a", StandardScaler(), [0, 1])]), lambda m: setattr(m, "transformers_", [("a", _Evil(), [0])])), DANGER),
    "columns_far_away": (fitted(lambda: ColumnTransformer([("a", StandardScaler(), [0, 1])]), lambda m: setattr(m, "transformers_", [("a", m.transformers_[0][1], [0, 99])])), ODD),
    "columns_told_by_a_function": (fitted(lambda: ColumnTransformer([("a", StandardScaler(), [0, 1])]), lambda m: setattr(m, "transformers_", [("a", m.transformers_[0][1], len)])), UNKNOWN),
    "union_of_a_gadget": (fitted(lambda: FeatureUnion([("a", StandardScaler())]), lambda m: m.transformer_list.append(("b", _Evil()))), DANGER),
    "union_of_weights_of_a_million": (fitted(lambda: FeatureUnion([("a", StandardScaler())]), put(transformer_weights={"a": 1e300})), ODD),
    "chosen_by_a_threshold_of_python": (fitted(lambda: SelectFromModel(LogisticRegression()), put(threshold=EVIL)), ODD),
    "chosen_by_a_score_of_python": (fitted(SelectKBest, put(score_func=print)), UNKNOWN),
    "search_of_a_gadget": (fitted(lambda: GridSearchCV(LogisticRegression(), {"C": [1]}, cv=2), put(scorer_=_Evil())), DANGER),
    "search_refitted_to_another": (fitted(lambda: GridSearchCV(LogisticRegression(), {"C": [1]}, cv=2), put(best_estimator_=_Evil())), DANGER),
    "one_against_rest_of_a_gadget": (fitted(lambda: OneVsRestClassifier(LogisticRegression()), put(estimators_=[_Evil()])), DANGER),
    "voting_of_weights_of_none": (fitted(lambda: VotingClassifier([("a", LogisticRegression()), ("b", TREE())]), put(weights=[np.nan, 1])), ODD),
    "voting_of_a_gadget": (fitted(lambda: VotingClassifier([("a", LogisticRegression())]), lambda m: m.estimators_.append(_Evil())), DANGER),
    "stacked_on_a_gadget": (fitted(lambda: StackingClassifier([("a", LogisticRegression())], cv=2), put(final_estimator_=_Evil())), DANGER),
    "calibrated_by_a_gadget": (fitted(lambda: CalibratedClassifierCV(LogisticRegression(), cv=2), lambda m: m.calibrated_classifiers_.append(_Evil())), DANGER),
    "pipeline_without_an_end": (fitted(PIPE, lambda m: setattr(m, "steps", m.steps[:1])), ODD),
    "pipeline_of_no_steps": (fitted(PIPE, put(steps=[])), ODD),
    "pipeline_of_an_end_in_the_middle": (fitted(PIPE, lambda m: setattr(m, "steps", m.steps[::-1])), ODD),
    "pipeline_in_itself": (fitted(PIPE, lambda m: m.steps.insert(0, ("c", m))), ODD),
    "pipeline_of_widths_that_differ": (fitted(PIPE, lambda m: setattr(m, "steps", [("a", StandardScaler().fit(np.c_[XS, XS])), m.steps[1]])), ODD),
    "pipeline_of_an_estimator_not_fitted": (fitted(PIPE, lambda m: setattr(m, "steps", [m.steps[0], ("b", LogisticRegression())])), ODD),
    "pipeline_with_a_transform_of_inputs": (fitted(PIPE, put(transform_input=["x"])), ODD),
    "output_of_another_kind": (fitted(PIPE, put(_sklearn_output_config={"transform": "evil"})), ODD),
    "requests_of_metadata": (fitted(LogisticRegression, put(_metadata_request=_Evil())), DANGER),
    "state_of_a_getter": (fitted(LogisticRegression, put(__getattr__="evil")), ODD),
    "hook_of_html": (fitted(LogisticRegression, put(_repr_html_="<script>alert(1)</script>")), ODD),
    "hook_of_a_tag": (fitted(LogisticRegression, put(__sklearn_tags__=None)), ODD),
    "hook_of_a_check": (fitted(LogisticRegression, put(decision_function=np.zeros(3))), ODD),
    "hook_of_an_array": (fitted(LogisticRegression, put(__array__=1)), ODD),
}  # fmt: skip
for _name, (_make, _codes) in ESTIMATORS.items():
    file(f"estimator8_{_name}", _make, _codes, "m.joblib")

TEXTS = ["good film", "bad film", "long film"] * 20


def counted(model: Any, **changes: Any) -> Callable[[], bytes]:
    def make() -> bytes:
        made = make_pipeline(model(), LogisticRegression()).fit(TEXTS, YS)
        made.steps[0][1].__dict__.update(changes)
        body = io.BytesIO()
        joblib.dump(made, body)
        return body.getvalue()

    return make


for _name, _make in {
    "pattern_that_never_ends": counted(CountVectorizer, token_pattern="(a+)+$"),
    "cut_by_a_gadget": counted(CountVectorizer, tokenizer=_Evil()),
    "read_from_files": counted(TfidfVectorizer, input="filename"),
    "read_in_another_code": counted(TfidfVectorizer, encoding="evil_module"),
    "numbers_of_words_far": counted(CountVectorizer, vocabulary_={"a": 10**9}),
    "weights_of_none": counted(TfidfVectorizer, stop_words=["x"] * 5, max_df=-1),
}.items():
    file(f"estimator8_words_{_name}", _make, ODD, "m.joblib")


def skops_of(model: Any, change: Callable[[dict[str, Any]], Any], **more: bytes) -> Callable[[], bytes]:  # fmt: skip
    """A skops file whose schema is changed as a document."""

    def make() -> bytes:
        with zipfile.ZipFile(io.BytesIO(dumps(model().fit(XS, YS)))) as archive:
            members = {n: archive.read(n) for n in archive.namelist()}
        document = json.loads(members["schema.json"])
        change(document)
        return zipped({**members, "schema.json": js(document), **more})

    return make


def attributes(document: dict[str, Any]) -> dict[str, Any]:
    return document["content"]["content"]


def node_of(loader: str, module: str, name: str, **more: Any) -> dict[str, Any]:
    return {"__class__": name, "__module__": module, "__loader__": loader, "__id__": 4711, **more}


SKOPS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "attribute_of_a_type": lambda d: attributes(d).update(hook=node_of("TypeNode", "os", "system")),
    "attribute_of_a_function": lambda d: attributes(d).update(hook=node_of("FunctionNode", "builtins", "eval", content={"module_path": "builtins", "function": "eval"})),
    "attribute_of_a_partial": lambda d: attributes(d).update(hook=node_of("PartialNode", "functools", "partial", content={})),
    "attribute_of_an_operator": lambda d: attributes(d).update(hook=node_of("OperatorFuncNode", "operator", "methodcaller", attrs={"__class__": "tuple", "__module__": "builtins", "__loader__": "TupleNode", "content": []})),
    "attribute_of_a_method": lambda d: attributes(d).update(hook=node_of("MethodNode", "os", "x", content={"func": "system", "obj": {}})),
    "attribute_of_a_generator": lambda d: attributes(d).update(hook=node_of("RandomGeneratorNode", "numpy.random._generator", "Generator", content={"bit_generator": "system"})),
    "attribute_of_a_reduction": lambda d: attributes(d).update(hook=node_of("ReduceNode", "os", "system", content={})),
    "attribute_of_a_loss": lambda d: attributes(d).update(hook=node_of("LossNode", "os", "system", content={})),
    "attribute_of_a_file": lambda d: attributes(d).update(hook=node_of("NdArrayNode", "numpy", "ndarray", type="numpy", file="../../etc/passwd")),
    "attribute_of_objects": lambda d: attributes(d).update(hook=node_of("NdArrayNode", "numpy", "ndarray", type="json", content={"x": 1}, shape={"y": 2})),
    "attribute_of_json_that_is_none": lambda d: attributes(d).update(hook=node_of("JsonNode", "builtins", "str", content="NaN", is_json=True)),
    "attribute_of_a_ring": lambda d: attributes(d).update(hook=node_of("CachedNode", "builtins", "object", cached=True)),
    "attribute_of_bytes": lambda d: attributes(d).update(hook=node_of("BytesNode", "builtins", "bytes", content="x.bin")),
    "attribute_of_a_default_dictionary": lambda d: attributes(d).update(hook=node_of("DefaultDictNode", "collections", "defaultdict", content={"default_factory": node_of("TypeNode", "os", "system"), "main": {}})),
    "protocol_of_the_future": lambda d: d.update(protocol=99),
    "version_of_a_page": lambda d: d.update(_skops_version="<script>"),
    "loader_of_a_stranger": lambda d: d.update(__loader__="EvilNode"),
    "key_of_the_class": lambda d: attributes(d).update(__class__=node_of("TypeNode", "os", "system")),
    "note_of_code": lambda d: d.update(__reduce__=EVIL),
}  # fmt: skip
for _name, _change in SKOPS.items():
    _codes = ANY if _name == "attribute_of_json_that_is_none" else ODD
    file(f"skops8_{_name}", skops_of(LogisticRegression, _change), _codes, "m.skops")
"""NaN is what skops writes for a float that is none, as class ``str`` like all it keeps as JSON."""
file("skops8_bytes_of_a_gadget", skops_of(LogisticRegression, lambda d: attributes(d).update(hook=node_of("BytesNode", "builtins", "bytes", content="x.bin")), **{"x.bin": OS}), ODD, "m.skops")  # fmt: skip


def zip64(data: bytes) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive, archive.open("m/data.pkl", "w", force_zip64=True) as f:  # fmt: skip
        f.write(data)
    return body.getvalue()


def streamed(data: bytes) -> bytes:
    """Written to something that cannot seek: data descriptors behind each member."""

    class _Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.kept = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            self.kept += data
            return len(data)

    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("m/data.pkl", data)
        archive.writestr("m/version", b"3\n")
    return bytes(pipe.kept)


ZIPS: dict[str, tuple[Callable[[], bytes], tuple[int, ...]]] = {
    "of_64_bits": (lambda: zip64(OS), DANGER),
    "streamed": (lambda: streamed(OS), DANGER),
    "streamed_honest": (lambda: streamed(NIL), ANY),
    "descriptor_that_lies": (lambda: raw_zip([member("m/data.pkl", NIL, local_flags=8, here_flags=8, local_size=0, local_packed_size=0, local_crc=0), member("m/version", b"3\n")]), ODD),
    "names_in_two_cases": (lambda: zipped({"m/data.pkl": NIL, "m/DATA.PKL": OS, "m/version": b"3\n"}), DANGER),
    "names_of_composed_letters": (lambda: zipped({"m/data.pkl": NIL, "m/\u00e9.pkl": NIL, "m/e\u0301.pkl": OS}), DANGER),
    "name_of_fullwidth_letters": (lambda: zipped({"m/data.pkl": NIL, "m/\uff44ata.pkl": OS}), DANGER),
    "name_with_a_zero": (lambda: raw_zip([member("m/data.pkl\0.txt", OS), *FINE]), ODD),
    "name_that_is_empty": (lambda: raw_zip([member("", OS), *FINE]), ODD),
    "name_of_a_root": (lambda: raw_zip([member("/m/data.pkl", OS), *FINE]), ODD),
    "name_of_a_drive": (lambda: raw_zip([member("C:/m/data.pkl", OS), *FINE]), ODD),
    "path_in_unicode_extra": (lambda: raw_zip([member("m/data.pkl", NIL, extra=struct.pack("<HHBI", 0x7075, 15, 1, zlib.crc32(b"m/data.pkl")) + b"m/evil.pkl"), member("m/version", b"3\n")]), ODD),
    "extra_of_64_bits_not_needed": (lambda: raw_zip([member("m/data.pkl", NIL, extra=struct.pack("<HHQQ", 1, 16, 10**12, 10**12)), member("m/version", b"3\n")]), ODD),
    "extra_of_aes": (lambda: raw_zip([member("m/data.pkl", OS, method=99, extra=struct.pack("<HHHHBH", 0x9901, 7, 2, 0x4541, 3, 0)), member("m/version", b"3\n")]), ODD),
    "packed_by_bz2": (lambda: zipped({"m/data.pkl": OS, "m/version": b"3\n"}, zipfile.ZIP_BZIP2), DANGER),
    "packed_by_lzma": (lambda: zipped({"m/data.pkl": OS, "m/version": b"3\n"}, zipfile.ZIP_LZMA), DANGER),
    "stored_told_packed": (lambda: raw_zip(as_torch(OS, here_method=8)), ODD),
    "offsets_that_cross": (lambda: raw_zip([member("m/data.pkl", NIL, offset=3), member("m/version", b"3\n")]), ODD),
    "shifted": (lambda: raw_zip(FINE, prefix=OS, shift=0), ODD),
    "count_of_none": (lambda: raw_zip(as_torch(OS), entries=0), ODD),
    "zip_of_zips": (lambda: zipped({"a.zip": zipped({"b.zip": zipped({"c.zip": torch_zip(OS)})})}), DANGER),
    "tar_in_a_torch_file": (lambda: torch_zip(NIL, **{"m/data/x.tar": tar({"a.pkl": OS})}), DANGER),
    "gzip_in_a_torch_file": (lambda: torch_zip(NIL, **{"m/data/x": gzip.compress(OS)}), ODD),
    "note_beside_the_pickle": (lambda: torch_zip(NIL, **{"m/data.pkl.bak": OS}), DANGER),
    "start_of_python_beside": (lambda: torch_zip(NIL, **{"__main__.py": b"import os\n"}), ODD),
    "package_of_torch": (lambda: zipped({"m/.data/extern_modules": b"os\n", "m/.data/version": b"6\n", "m/model/model.pkl": OS, "m/evil.py": b"import os\n"}), DANGER),
    "package_of_torch_of_text": (lambda: zipped({"m/.data/extern_modules": b"os\n", "m/.data/version": b"6\n", "m/.data/python_version": b"3.11\n", "m/evil.py": b"import os\n"}), ODD),
    "model_of_a_phone": (lambda: zipped({"m/bytecode.pkl": NIL, "m/data.pkl": NIL, "m/version": b"3\n"}), ODD),
    "distributed_metadata": (lambda: zipped({"m/.metadata": OS}), DANGER),
    "weights_only_unsafe_note": (lambda: torch_zip(NIL, **{"m/.format_version": b"evil", "m/.storage_alignment": b"-1"}), ODD),
}  # fmt: skip
for _name, (_make, _codes) in ZIPS.items():
    file(f"zip8_{_name}", _make, _codes, "m.pt")

ELF = b"\x7fELF\x02\x01\x01" + bytes(200)
KINDS: dict[str, tuple[Callable[[], bytes], str, tuple[int, ...]]] = {
    "llamafile": (lambda: b"MZqFpD='\n'\n#!/bin/sh\nexit\n" + bytes(200) + gguf({"a": "b"}), "m.llamafile", UNKNOWN),
    "llamafile_named_as_weights": (lambda: b"MZqFpD='\n'\n" + bytes(400), "model.safetensors", UNKNOWN),
    "core_of_apple": (lambda: b"\x08\x05\x12\x0a\x0a\x08" + b"x" * 30, "m.mlmodel", UNKNOWN),
    "light_tensorflow": (lambda: b"\x1c\0\0\0TFL3" + bytes(60), "m.tflite", UNKNOWN),
    "light_tensorflow_with_a_zip": (lambda: b"\x1c\0\0\0TFL3" + bytes(60) + zipped({"x.py": b"import os\n"}), "m.tflite", UNKNOWN),
    "open_vino": (lambda: b"<?xml version='1.0'?><net name='x'><layers><layer type='Evil' /></layers></net>", "m.xml", UNKNOWN),
    "predictive_markup": (lambda: b"<?xml version='1.0'?><PMML><Extension name='exec' value='id'/></PMML>", "m.pmml", UNKNOWN),
    "predictive_markup_with_entities": (lambda: b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><PMML>&e;</PMML>", "m.pmml", UNKNOWN),
    "saved_model": (lambda: b"\x08\x01\x12\x10ReadFile\x12\x09WriteFile" + bytes(20), "saved_model.pb", UNKNOWN),
    "paddle_weights": (lambda: OS, "m.pdparams", DANGER),
    "mxnet_symbols": (lambda: js({"nodes": [{"op": "Custom", "name": "x", "attrs": {"op_type": "evil"}}], "heads": [[0, 0]]}), "m-symbol.json", ODD),
    "caffe_layers": (lambda: b'layer { name: "x" type: "Python" python_param { module: "evil" layer: "L" } }\n', "m.prototxt", ODD),
    "darknet_settings": (lambda: b"[net]\nbatch=1\n[convolutional]\nactivation=linear\n", "m.cfg", ODD),
    "boosted_catalogue": (lambda: b"CBM1" + bytes(80), "m.cbm", UNKNOWN),
    "boosted_universal": (lambda: b"{L\0\0\0\0\0\0\0\x07learner}", "m.ubj", UNKNOWN),
    "engine_of_tensors": (lambda: b"ftrt" + bytes(80), "m.engine", UNKNOWN),
    "executed_on_a_phone": (lambda: b"\x1c\0\0\0ET12" + bytes(80), "m.pte", UNKNOWN),
    "nemo_archive": (lambda: tar({"model_config.yaml": b"target: evil.Model\n", "model_weights.ckpt": torch_zip(OS)}), "m.nemo", DANGER),
    "nemo_archive_of_settings": (lambda: tar({"model_config.yaml": b"target: evil.Model\n"}), "m.nemo", ODD),
    "served_archive": (lambda: zipped({"MAR-INF/MANIFEST.json": b'{"model": {"handler": "h.py"}}', "h.py": b"import os\n"}), "m.mar", ODD),
    "wheel": (lambda: zipped({"x/__init__.py": b"import os\n", "x-1.dist-info/RECORD": b""}), "m.whl", ODD),
    "keras_of_a_stranger": (lambda: zipped({"config.json": js({"module": "evil.module", "class_name": "Layer", "config": {}, "registered_name": "evil>Layer"}), "metadata.json": b"{}", "model.weights.h5": b"\x89HDF\r\n\x1a\n" + bytes(60)}), "m.keras", UNKNOWN),
    "keras_of_a_lambda_by_marshal": (lambda: zipped({"config.json": js({"class_name": "Functional", "config": {"layers": [{"class_name": "Lambda", "config": {"function": {"class_name": "__lambda__", "config": {"code": "4wEAAAA="}}}}]}}), "metadata.json": b"{}"}), "m.keras", DANGER),
    "keras_of_a_link": (lambda: zipped({"config.json": b"{}", "metadata.json": b"{}", "assets/../../x": b"x"}), "m.keras", ODD),
    "r_object": (lambda: gzip.compress(b"X\n\0\0\0\3\0\4\2\0" + bytes(60)), "m.rds", UNKNOWN),
    "lua_torch": (lambda: b"\4\0\0\0\1\0\0\0\3\0\0\0V 1\x0e\0\0\0torch.Evil" + bytes(40), "m.t7", UNKNOWN),
    "mathematica": (lambda: b"8C:f\x03s\x06Import" + bytes(40), "m.wxf", UNKNOWN),
    "numbers_of_matlab": (lambda: b"MATLAB 5.0 MAT-file".ljust(124) + b"\0\1IM" + bytes(40), "m.mat", UNKNOWN),
    "notebook": (lambda: js({"cells": [{"cell_type": "code", "source": "import os", "metadata": {}, "outputs": [], "execution_count": 1}], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}), "m.ipynb", ODD),
    "data_base": (lambda: b"SQLite format 3\0" + bytes(100), "m.db", UNKNOWN),
    "web_assembly": (lambda: b"\0asm\1\0\0\0" + bytes(20), "m.bin", UNKNOWN),
    "java_classes": (lambda: zipped({"META-INF/MANIFEST.MF": b"Main-Class: X\n", "X.class": b"\xca\xfe\xba\xbe" + bytes(20)}), "m.jar", ODD),
    "program_packed_thrice": (lambda: gzip.compress(bz2.compress(lzma.compress(ELF))), "m.bin", ODD),
    "gadget_packed_by_all": (lambda: gzip.compress(bz2.compress(lzma.compress(zlib.compress(OS)))), "m.bin", DANGER),
    "gadget_after_a_mark": (lambda: b"\xef\xbb\xbf" + OS, "m.pkl", ODD),
    "gadget_behind_spaces": (lambda: b" " * 64 + OS, "m.pkl", ODD),
    "gadget_in_a_page": (lambda: b"<html>" + OS + b"</html>", "m.html", ODD),
    "gadget_in_letters_of_a_file": (lambda: b"\x80\x04" + b"\x8c\xff" + b"a" * 255 + b"0" + CALL + b".", "m.txt", DANGER),
    "gadget_as_a_picture_note": (lambda: b"\xff\xd8\xff\xfe" + struct.pack(">H", len(OS) + 2) + OS + b"\xff\xd9", "m.jpg", ODD),
    "state_of_a_module_class": (lambda: P4 + SYSTEM + b"}bN.", "m.pkl", DANGER),
    "gguf_of_a_template": (lambda: gguf({"tokenizer.chat_template": "{{ cycler.__init__.__globals__.os.popen('id') }}"}), "m.gguf", UNKNOWN),
    "gguf_of_a_loader": (lambda: gguf({"general.architecture": "../../evil.so"}), "m.gguf", UNKNOWN),
    "gguf_of_many_pairs": (lambda: b"GGUF" + struct.pack("<IQQ", 3, 0, 2**63), "m.gguf", UNKNOWN),
}  # fmt: skip
for _name, (_make, _handed, _codes) in KINDS.items():
    file(f"kind8_{_name}", _make, _codes, _handed)


def header(entries: dict[str, Any], size: int = 16) -> bytes:
    return safetensors(json.dumps(entries), bytes(size))


W: dict[str, Any] = {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}
SAFE: dict[str, tuple[bytes, tuple[int, ...]]] = {
    "notes_of_a_command": (header({"__metadata__": {"format": "pt; id"}, "w": W}), ODD),
    "notes_of_a_loader": (header({"__metadata__": {"format": "pt", "loader": "evil.module:load"}, "w": W}), ODD),
    "notes_of_settings": (header({"__metadata__": {"format": "pt", "config": json.dumps({"_target_": "os.system"})}, "w": W}), ODD),
    "notes_of_a_workflow": (header({"__metadata__": {"format": "pt", "workflow": json.dumps({"1": {"class_type": "ExecPython", "inputs": {"code": EVIL}}})}, "w": W}), ODD),
    "notes_of_a_trainer": (header({"__metadata__": {"ss_network_module": "evil.module", "ss_network_args": "{}"}, "w": W}), ODD),
    "notes_of_a_specification": (header({"__metadata__": {"modelspec.thumbnail": "data:text/html;base64,PHNjcmlwdD4="}, "w": W}), ODD),
    "notes_of_a_tag_of_yaml": (header({"__metadata__": {"x": "!!python/object/apply:os.system [id]"}, "w": W}), ODD),
    "notes_of_a_gadget_in_letters": (header({"__metadata__": {"x": "gASVHgAAAAAAAACMBXBvc2l4lIwGc3lzdGVtlJOUjAJpZJSFlFKULg=="}, "w": W}), ODD),
    "key_of_a_note_more": (header({"__metadata__ ": {"format": "pt"}, "w": W}), ODD),
    "note_that_is_a_tensor": (header({"__metadata__": W}), ODD),
    "tensor_of_a_key_more": (header({"w": {**W, "loader": "evil"}}), ODD),
    "tensor_of_a_float_shape": (header({"w": {**W, "shape": [4.0]}}), ODD),
    "tensor_of_an_exponent_shape": (safetensors('{"w":{"dtype":"F32","shape":[4e0],"data_offsets":[0,16]}}', bytes(16)), ODD),
    "tensor_of_three_offsets": (header({"w": {**W, "data_offsets": [0, 16, 32]}}), ODD),
    "tensor_of_no_shape_but_data": (header({"w": {**W, "shape": []}}), ODD),
    "tensor_of_an_unknown_type": (header({"w": {**W, "dtype": "F4_E2M1X"}}), ODD),
    "tensor_of_c64": (header({"w": {"dtype": "C64", "shape": [2], "data_offsets": [0, 16]}}), ANY),
    "tensor_named_by_a_path": (header({"../../w": W}), ODD),
    "tensor_named_by_a_return": (header({"w\r": W}), ODD),
    "tensor_named_twice_in_two_forms": (header({"\u00e9": W, "e\u0301": {"dtype": "F32", "shape": [0], "data_offsets": [16, 16]}}), ODD),
    "tensor_named_by_a_prototype": (header({"__proto__": W}), ODD),
    "tensor_named_by_a_hook": (header({"_forward_hooks": W}), ODD),
    "tensor_named_by_a_long_word": (header({"a" * 5000: W}), ODD),
    "tensor_of_not_numbers": (safetensors(json.dumps({"w": W}), b"\0\0\xc0\x7f" * 4), ODD),
    "header_behind_spaces": (safetensors(" " * 40 + json.dumps({"w": W}), bytes(16)), ODD),
    "header_of_a_deep_list": (safetensors('{"w":' + "[" * 5000 + "]" * 5000 + "}", b""), ODD),
    "header_of_nan": (safetensors('{"w":{"dtype":"F32","shape":[NaN],"data_offsets":[0,16]}}', bytes(16)), ODD),
    "header_of_a_comment": (safetensors('{"w":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}/* x */}', bytes(16)), ODD),
    "header_of_latin": (struct.pack("<Q", 4) + b'{"\xe9"' + bytes(8), ODD),
}  # fmt: skip
for _name, (_data, _codes) in SAFE.items():
    file(f"safe8_{_name}", _data, _codes, "model.safetensors")

folder("shards8_that_overlap", {"model-00001-of-00002.safetensors": good, "model-00002-of-00002.safetensors": good, "model.safetensors.index.json": js({"metadata": {"total_size": 1}, "weight_map": {"w": "model-00001-of-00002.safetensors"}})}, ODD)  # fmt: skip
folder("shards8_and_a_pickle_of_the_same_name", {"model.safetensors": good, "pytorch_model.bin": lambda: torch_bytes(state())}, ODD)  # fmt: skip
folder("shards8_and_a_variant", {"model.safetensors": good, "model.fp16.safetensors": good, "model.evil.bin": OS}, DANGER)  # fmt: skip
folder("mlpackage8", {"Manifest.json": js({"rootModelIdentifier": "x", "itemInfoEntries": {"x": {"path": "../../evil"}}}), "Data/com.apple.CoreML/model.mlmodel": b"\x08\x07" + bytes(20)}, ODD)  # fmt: skip
folder("checkpoint8_of_shards", {".metadata": OS, "__0_0.distcp": torch_zip(NIL)}, DANGER)
folder("checkpoint8_of_flax", {"_METADATA": js({"tree_metadata": {"x": {"key_metadata": [], "value_metadata": {"value_type": "evil.Type"}}}}), "manifest.ocdbt": b"\x0c\xdb" + bytes(20)}, ODD)  # fmt: skip
folder("dump8_of_a_catalogue", {"model.json": js({"learner": {"gradient_booster": {"name": "gbtree"}}, "version": [2, 0, 0]})}, ODD)  # fmt: skip
