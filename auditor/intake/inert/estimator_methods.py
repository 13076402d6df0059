"""Names of the methods of the estimators that are rebuilt: no attribute of a file may hide one.

Limits: the methods of scikit-learn 1.9; a test compares the list with the classes.
"""

from __future__ import annotations

from auditor.intake.words import words

SHOWN = ("_repr_", "_ipython_")
"""Names by which a notebook asks an object for the page that stands for it."""
METHODS = words(
    """
    apply cost_complexity_pruning_path decision_function decision_path densify fit fit_predict
    fit_transform get_covariance get_depth get_feature_names_out get_metadata_routing
    get_n_leaves get_params get_precision inverse_transform kneighbors kneighbors_graph
    partial_fit predict predict_joint_log_proba predict_log_proba predict_proba score
    score_samples set_callbacks set_fit_request set_inverse_transform_request set_output
    set_params set_partial_fit_request set_score_request set_transform_request sparsify
    staged_decision_function staged_predict staged_predict_proba transform
    _allocate_parameter_mem _backprop _bin_data _can_fit_transform _can_inverse_transform
    _can_transform _check_X _check_X_y _check_algorithm_metric _check_alpha _check_categories
    _check_early_stopping_loss _check_early_stopping_scorer _check_estimators_are_instances
    _check_initialized _check_input_parameters _check_interaction_cst _check_method_params
    _check_proba _check_refit_for_multimetric _check_scorers_accept_sample_weight
    _check_solver _clear_state _compute_kernel _compute_loss_grad
    _compute_missing_values_in_feature_mask _compute_oob_predictions
    _compute_partial_dependence_recursion _count _decision_function _dense_decision_function
    _dense_fit _dense_predict _dense_predict_proba _encode_y _encode_y_val
    _finalize_sample_weight _fit _fit_binary _fit_full _fit_lbfgs _fit_multiclass _fit_stage
    _fit_stages _fit_stochastic _fit_truncated _format_results _forward_pass
    _forward_pass_fast _get_class_level_metadata_request_values _get_coef _get_doc_link
    _get_estimators_indices _get_fitted_attr_html _get_l1_ratio _get_learning_rate_type
    _get_loss _get_loss_function _get_metadata_for_step _get_metadata_request
    _get_oob_predictions _get_param_names _get_params _get_params_html _get_penalty_type
    _get_routed_params_for_fit _get_scorer _get_scorer_instance _get_scorers
    _get_small_trainset _html_repr _init_callback_context _init_coef _init_counters
    _init_state _initialize _is_fitted _iter _joint_log_likelihood _kneighbors_reduce_func
    _log_message _loss_grad_lbfgs _make_estimator _make_validation_score_cb
    _make_validation_split _more_validate_params _partial_fit _predict _predict_iterations
    _predict_proba_lr _prepare_data _preprocess_X _print_iteration_stats _prune_tree
    _raw_predict _raw_predict_init _replace_estimator _repr_html_inner _repr_mimebundle_
    _reset _resize_state _run_search _score _score_with_function _score_with_raw_predictions
    _select_best_index _set_intercept _set_max_features _set_oob_score_and_attributes
    _set_params _should_stop _sk_visual_block_ _solve_eigen _solve_lstsq _solve_svd
    _sparse_decision_function _sparse_fit _sparse_predict _sparse_predict_proba
    _staged_raw_predict _support_missing_values _transform _unpack _update_class_log_prior
    _update_feature_log_prob _update_mean_variance _update_no_improvement_count
    _validate_X_predict _validate_estimator _validate_for_predict _validate_input
    _validate_names _validate_parameters _validate_params _validate_steps _validate_targets
    _validate_y_class_weight _warn_from_fit_status _wrap_namespace_error
    """
)


def hides(name: str) -> bool:
    """Whether an attribute of that name stands in front of a method.

    >>> hides("predict"), hides("_repr_html_"), hides("coef_")
    (True, True, False)
    """
    return name in METHODS or name.startswith(SHOWN)
